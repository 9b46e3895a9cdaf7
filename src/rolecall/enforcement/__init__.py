"""Room of rolecall."""
