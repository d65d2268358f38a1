'use strict'
// A Sigstore instance on this machine, for the tests: Fulcio, Rekor v1 and v2, a timestamp authority, and GitHub's token service.
//
//     node instance.js DIRECTORY STATE        DIRECTORY has the node_modules; the end of the input ends it
//
// Certificates, SCTs and timestamps are those of @sigstore/mock. The logs are ours: trees that grow, after RFC 6962, with signed
// checkpoints. It writes `trusted_root.json`, `signing_config_v1.json`, `signing_config_v2.json` and `trust_config_v1.json`,
// `trust_config_v2.json` (what sigstore-python reads) to STATE, then `ready URL` to its output.
// What tokens claim: CLAIMS, a JSON object in the environment, over what GitHub would say. LATER: how many seconds too late the timestamp
// authority signs.

const crypto = require('crypto')
const fs = require('fs')
const http = require('http')
const path = require('path')

const load = require('module').createRequire(path.join(path.resolve(process.argv[2]), 'package.json'))
const state = path.resolve(process.argv[3])
const canonicalize = load('canonicalize')
const asn1js = load('asn1js')
const pkijs = load('pkijs')
const { initializeCA, initializeCTLog, initializeTSA, fulcioHandler } = load('@sigstore/mock')

const WORKFLOW = 'acme/gate/.github/workflows/gate.yml@refs/heads/main'
const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com', sub: `https://github.com/${WORKFLOW}`, aud: 'sigstore',
  repository: 'acme/infrastructure', repository_id: '77', repository_owner: 'acme', repository_owner_id: '2',
  repository_visibility: 'private', ref: 'refs/heads/main', sha: '0'.repeat(40), event_name: 'push', workflow: 'gate',
  job_workflow_ref: WORKFLOW, workflow_ref: 'acme/infrastructure/.github/workflows/ci.yml@refs/heads/main',
  runner_environment: 'github-hosted', run_id: '7', run_attempt: '1', ...JSON.parse(process.env.CLAIMS || '{}'),
}

const pair = () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest()
const base64 = (bytes) => Buffer.from(bytes).toString('base64')
const spki = (keys) => keys.publicKey.export({ format: 'der', type: 'spki' })

/// A log that grows.
class Log {
  constructor (origin, keys) {
    Object.assign(this, { origin, keys, name: origin.split(' ')[0], leaves: [], id: sha256(spki(keys)) })
  }

  static half (size) { let half = 1; while (half * 2 < size) half *= 2; return half }

  root (hashes) {
    if (hashes.length === 1) return hashes[0]
    const half = Log.half(hashes.length)
    return sha256(Buffer.concat([Buffer.from([1]), this.root(hashes.slice(0, half)), this.root(hashes.slice(half))]))
  }

  proof (index, hashes) {
    if (hashes.length === 1) return []
    const half = Log.half(hashes.length)
    const [left, right] = [hashes.slice(0, half), hashes.slice(half)]
    return index < half ? [...this.proof(index, left), this.root(right)] : [...this.proof(index - half, right), this.root(left)]
  }

  append (body) {
    this.leaves.push(sha256(Buffer.concat([Buffer.from([0]), body])))
    const [index, size, root] = [this.leaves.length - 1, this.leaves.length, this.root(this.leaves)]
    const note = `${this.origin}\n${size}\n${base64(root)}\n`
    const signature = crypto.sign('sha256', Buffer.from(note), this.keys.privateKey)
    const checkpoint = `${note}\n\u2014 ${this.name} ${base64(Buffer.concat([this.id.subarray(0, 4), signature]))}\n`
    return { index, size, root, hashes: this.proof(index, this.leaves), checkpoint }
  }
}

/// What Rekor v1 keeps of what it is sent. It writes PEM again, with lines of 64 letters.
function bodyV1 (entry) {
  if (entry.kind !== 'dsse') throw new Error(`no entries of the kind ${entry.kind} here`)
  const { envelope, verifiers } = entry.spec.proposedContent
  const { payload, signatures } = JSON.parse(envelope)
  const pem = (verifier) => base64(new crypto.X509Certificate(Buffer.from(verifier, 'base64')).toString())
  const hash = (bytes) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') })
  return { apiVersion: '0.0.1', kind: 'dsse', spec: {
    envelopeHash: hash(Buffer.from(envelope)), payloadHash: hash(Buffer.from(payload, 'base64')),
    signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: pem(verifiers[index]) })) } }
}

/// What Rekor v2 keeps.
function bodyV2 (request) {
  const { digest, signature } = request.hashedRekordRequestV002
  return { apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002: {
    data: { algorithm: 'SHA2_256', digest }, signature: { content: signature.content, verifier: signature.verifier } } } }
}

function timestampRequest (der) {
  const request = new pkijs.TimeStampReq({ schema: asn1js.fromBER(der).result })
  const { hashedMessage, hashAlgorithm } = request.messageImprint
  return { artifactHash: Buffer.from(hashedMessage.valueBlock.valueHexView), hashAlgorithmOID: hashAlgorithm.algorithmId,
    policyOID: '1.3.6.1.4.1.57264.2', certReq: !!request.certReq, asked: request.nonce, nonce: 0 }
}

async function main () {
  const keys = { ca: pair(), ct: pair(), one: pair(), two: pair(), tsa: pair() }
  const ctlog = await initializeCTLog(keys.ct)
  const [ca, tsa] = [await initializeCA(keys.ca, ctlog), await initializeTSA(keys.tsa)]
  // The time, the nonce and a number of its own, as a real one gives.
  const info = tsa.tstInfo.bind(tsa)
  tsa.tstInfo = (request) => {
    const genTime = new Date(Date.now() + 1000 * Number(process.env.LATER || 0))
    genTime.setMilliseconds(0)
    const serialNumber = new asn1js.Integer({ valueHex: Buffer.concat([Buffer.from([1]), crypto.randomBytes(8)]) })
    return Object.assign(info(request), { nonce: request.asked, genTime, serialNumber })
  }
  const fulcio = fulcioHandler(ca, { strict: true })
  const logs = { one: new Log('rekor.example - 1193050959916656506', keys.one), two: new Log('rekor2.example', keys.two) }

  const answers = {
    'GET /oidc/token': async ({ url, headers }) => {
      if (headers.authorization !== 'Bearer runner-secret') return [401, 'no']
      const now = Math.floor(Date.now() / 1000)
      const claims = { ...CLAIMS, aud: url.searchParams.get('audience'), iat: now, nbf: now, exp: now + 300 }
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
      return [200, JSON.stringify({ value: `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2ln` })]
    },
    'POST /api/v2/signingCert': async ({ body, headers }) => {
      const request = JSON.parse(body)
      const csr = request.certificateSigningRequest
      if (csr && !csr.startsWith('-----')) request.certificateSigningRequest = Buffer.from(csr, 'base64').toString()
      request.credentials ||= { oidcIdentityToken: (headers.authorization || '').replace('Bearer ', '') }
      const { statusCode, response } = await fulcio.fn(JSON.stringify(request))
      return [statusCode, response]
    },
    'POST /api/v1/log/entries': async ({ body }) => {
      const kept = Buffer.from(canonicalize(bodyV1(JSON.parse(body))))
      const integratedTime = Math.floor(Date.now() / 1000)
      const { index, size, root, hashes, checkpoint } = logs.one.append(kept)
      const entry = { body: base64(kept), integratedTime, logIndex: index, logID: logs.one.id.toString('hex') }
      const signedEntryTimestamp = base64(crypto.sign('sha256', Buffer.from(canonicalize(entry)), keys.one.privateKey))
      const inclusionProof = { logIndex: index, treeSize: size, rootHash: root.toString('hex'), hashes: hashes.map((hash) => hash.toString('hex')), checkpoint }
      return [201, JSON.stringify({ [crypto.randomBytes(32).toString('hex')]: { ...entry, verification: { inclusionProof, signedEntryTimestamp } } })]
    },
    'POST /api/v2/log/entries': async ({ body }) => {
      const kept = Buffer.from(canonicalize(bodyV2(JSON.parse(body))))
      const { index, size, root, hashes, checkpoint } = logs.two.append(kept)
      return [201, JSON.stringify({ logIndex: String(index), logId: { keyId: base64(logs.two.id) }, kindVersion: { kind: 'hashedrekord', version: '0.0.2' }, integratedTime: '0',
        inclusionProof: { logIndex: String(index), treeSize: String(size), rootHash: base64(root), hashes: hashes.map(base64), checkpoint: { envelope: checkpoint } }, canonicalizedBody: base64(kept) })]
    },
    'POST /api/v1/timestamp': async ({ body }) => [201, await tsa.timestamp(timestampRequest(body)), 'application/timestamp-reply'],
  }

  const server = http.createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url, 'http://localhost')
    let answer = [404, 'there is nothing here']
    try {
      const found = answers[`${request.method} ${url.pathname}`]
      if (found) answer = await found({ url, headers: request.headers, body: Buffer.concat(chunks) })
    } catch (error) {
      answer = [400, String(error.stack)]
    }
    const [status, text, type] = answer
    response.writeHead(status, { 'content-type': type || 'application/json' })
    response.end(text)
  })

  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${server.address().port}`
    const start = new Date(Date.now() - 60000).toISOString().replace(/\.\d+Z/, 'Z')
    const log = (key, baseUrl) => ({ baseUrl, hashAlgorithm: 'SHA2_256', logId: { keyId: base64(sha256(spki(key))) },
      publicKey: { rawBytes: base64(spki(key)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: { start } } })
    const authority = (certificates, uri, commonName) => ({ subject: { organization: 'sigstore.mock', commonName }, uri,
      certChain: { certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })) }, validFor: { start } })
    const root = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log(keys.one, 'https://rekor.example'), log(keys.two, 'https://rekor2.example')],
      certificateAuthorities: [authority([ca.rootCertificate], 'https://fulcio.example', 'sigstore')],
      ctlogs: [log(keys.ct, 'https://ctfe.example')],
      timestampAuthorities: [authority([tsa.intCertificate, tsa.rootCertificate], 'https://tsa.example', 'tsa')] }
    const service = (majorApiVersion, below) => [{ url: url + below, majorApiVersion, validFor: { start }, operator: 'example' }]
    const config = (version) => ({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json', caUrls: service(1, ''), oidcUrls: service(1, '/oidc'),
      rekorTlogUrls: service(version, ''), rekorTlogConfig: { selector: 'ANY' }, tsaUrls: service(1, '/api/v1/timestamp'), tsaConfig: { selector: 'ANY' } })
    const write = (name, value) => fs.writeFileSync(path.join(state, name), JSON.stringify(value, null, 1))
    write('trusted_root.json', root)
    for (const version of [1, 2]) {
      write(`signing_config_v${version}.json`, config(version))
      write(`trust_config_v${version}.json`, { mediaType: 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json', trustedRoot: root, signingConfig: config(version) })
    }
    console.log('ready', url)
  })
  process.stdin.on('end', () => process.exit(0)).resume()
}

main()
