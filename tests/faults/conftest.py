from tests.account.conftest import others, served

__all__ = ["others", "served"]
