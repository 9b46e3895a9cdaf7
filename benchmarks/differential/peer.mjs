// Answers cases (one JSON document a line, in the shape of `rolecall simulate`) with the peer's engine,
// through its documented function runSimulation. PEER_UNSAFE=1 asks runUnsafeSimulation instead, the one
// without input validation: faster, but it fails on every case with a resource policy.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(`${process.env.PEER_MODULES ?? process.cwd()}/`)
const { anonymousPrincipal, runSimulation, runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')

const WORDS = { Allowed: 'allowed', ExplicitlyDenied: 'explicitDeny', ImplicitlyDenied: 'implicitDeny' }
const named = (policies) => policies.map((policy, index) => ({ name: `p${index}`, policy }))
const levels = (all) => (all ?? []).map((level, index) => ({ orgIdentifier: `o-${index}`, policies: named(level) }))
const merged = (policies) => ({ Version: '2012-10-17', Statement: policies.flatMap((policy) => policy.Statement) })

// The peer expects the root user's full access to be passed as a policy.
const FULL_ACCESS = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

function simulation(line) {
  const context = {}
  for (const [key, value] of Object.entries(line.context ?? {})) {
    context[key] = Array.isArray(value) ? value.map(String) : String(value)
  }
  const asked = {
    request: {
      principal: line.principal === 'anonymous' ? anonymousPrincipal : line.principal,
      action: line.action,
      resource: { resource: line.resource ?? '*', accountId: line.resource_account },
      contextVariables: context
    },
    identityPolicies: named(line.principal.endsWith(':root') ? [FULL_ACCESS] : line.identity_policies ?? []),
    serviceControlPolicies: levels(line.scps),
    resourceControlPolicies: levels(line.rcps)
  }
  if (line.resource_policy) asked.resourcePolicy = line.resource_policy
  if (line.permissions_boundary) asked.permissionBoundaryPolicies = named(line.permissions_boundary)
  if (line.session_policies) asked.sessionPolicy = merged(line.session_policies)
  return asked
}

async function decide(asked) {
  if (process.env.PEER_UNSAFE) {
    const result = runUnsafeSimulation(asked, {})
    return typeof result === 'string' ? result : result.result ?? result.analysis?.result
  }
  const answer = await runSimulation(asked, {})
  return answer.resultType === 'error' ? `error: ${JSON.stringify(answer.errors)}` : answer.overallResult
}

if (process.argv[2] === '--time') {
  // One case, asked again and again in one process; prints how many a second.
  const [seconds] = process.argv.slice(3).map(Number)
  let text = ''
  for await (const chunk of process.stdin) text += chunk
  const asked = simulation(JSON.parse(text))
  for (let i = 0; i < 200; i += 1) await decide(asked)
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1000) {
    for (let i = 0; i < 10; i += 1) await decide(asked)
    count += 10
  }
  const answer = await decide(asked)
  console.log(JSON.stringify({ per_second: (count * 1000) / (performance.now() - start), decision: WORDS[answer] ?? answer }))
} else {
  const BATCH = Number(process.env.PEER_BATCH ?? 500)
  let out = []
  for await (const text of createInterface({ input: process.stdin })) {
    const line = JSON.parse(text)
    let decision
    try {
      const result = await decide(simulation(line))
      decision = WORDS[result] ?? String(result)
    } catch (error) {
      decision = `error: ${error.message}`
    }
    out.push(JSON.stringify({ id: line.id, decision }))
    if (out.length === BATCH) {
      process.stdout.write(out.join('\n') + '\n')
      out = []
    }
  }
  if (out.length) process.stdout.write(out.join('\n') + '\n')
}
