#!/usr/bin/env node
// Starts the command line on a Node that can run it; see scripts/node.mjs.
import { runOnSupportedNode } from '../../../scripts/node.mjs'

runOnSupportedNode([new URL('../src/main.ts', import.meta.url).pathname, ...process.argv.slice(2)])
