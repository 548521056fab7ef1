// Loaded by `--import` into a service, and into each of its threads: gives the planted sources the
// function `failpoint(name)`, which ends the process where it is told to.
import { readFileSync, writeFileSync } from 'node:fs'

const path = process.env.PROVE_FAILPOINT ?? ''
let armed = ''
let passes = 0

/** Ends the process on its nth pass of a place since that was armed; the empty file says so. */
function failpoint(name: string): void {
  const found = readFileSync(path, 'utf8')
  if (found !== armed) {
    armed = found
    passes = 0
  }
  const [due, nth] = found.split('\n')
  if (due !== name || ++passes < Number(nth)) return
  writeFileSync(path, '')
  process.kill(process.pid, 'SIGKILL')
}

Object.assign(globalThis, { failpoint })
