#!/usr/bin/env node
// Starts the command line on a Node that can run it; see scripts/node.mjs.
import { fileURLToPath } from 'node:url'
import { runOnSupportedNode } from '../../../scripts/node.mjs'

runOnSupportedNode([
  fileURLToPath(new URL('../src/main.ts', import.meta.url)),
  ...process.argv.slice(2),
])
