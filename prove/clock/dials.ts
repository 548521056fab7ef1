import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { compileLibrary, lacksCompiler } from '../harness/compile.ts'

/** What a test turns while a service runs. */
export interface Dials extends Disposable {
  /** Of the service: set before it starts. */
  readonly environment: Readonly<Record<string, string>>
  /** @param ms off the true time */
  setClock(ms: number): void
  /** @param ms that each sync takes longer */
  setSync(ms: number): void
}

/**
 * Compiles the library behind them (prove/clock/dials.c).
 * @param test whose output says so where there is no compiler, which fails CI
 */
export function openDials(folder: string, test: string): Dials | undefined {
  const lacking = lacksCompiler()
  if (lacking !== undefined) {
    const why = `${test} needs more. ${lacking}`
    if (process.env.CI === 'true') throw new Error(why)
    console.warn(`SKIPPED: ${why}`)
    return undefined
  }
  const library = compileLibrary(join(import.meta.dirname, 'dials.c'), folder)
  const path = join(folder, 'dials')
  writeFileSync(path, new Uint8Array(16))
  const file = openSync(path, 'r+')
  const turn = (dial: 0 | 1, ms: number): void => {
    const bytes = new BigInt64Array([BigInt(ms)])
    writeSync(file, bytes, 0, bytes.byteLength, dial * bytes.byteLength)
  }
  return {
    environment: { LD_PRELOAD: library, DIALS_FILE: path },
    setClock: (ms) => turn(0, ms),
    setSync: (ms) => turn(1, ms),
    [Symbol.dispose]: () => closeSync(file),
  }
}
