'use strict'
// An independent verifier: @sigstore/verify.
//
//     node verify.js DIRECTORY TRUSTED_ROOT BUNDLE IDENTITY ISSUER
//
// It prints its version, and ends with 0 if the bundle is signed by that identity, as the root says; else with 1 and the reason.

const fs = require('fs')
const path = require('path')

const [directory, root, bundle, subject, issuer] = process.argv.slice(2)
const load = require('module').createRequire(path.join(path.resolve(directory), 'package.json'))
const { bundleFromJSON } = load('@sigstore/bundle')
const { TrustedRoot } = load('@sigstore/protobuf-specs')
const { Verifier, toSignedEntity, toTrustMaterial } = load('@sigstore/verify')

const json = (file) => JSON.parse(fs.readFileSync(file, 'utf8'))
try {
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(json(root))), { tlogThreshold: 1, ctlogThreshold: 1 })
  verifier.verify(toSignedEntity(bundleFromJSON(json(bundle))), { subjectAlternativeName: subject, extensions: { issuer } })
} catch (error) {
  console.error(`${error.code || ''} ${error.message}`)
  process.exit(1)
}
console.log(json(path.join(path.resolve(directory), 'node_modules/@sigstore/verify/package.json')).version)
