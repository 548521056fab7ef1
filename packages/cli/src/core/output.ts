import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Shell } from './shell.ts'
import { visible, visibleJson } from './visible-text.ts'

/** Where results (stdout) and remarks (stderr) go. Callers make event data `visible` themselves. */
export interface Output {
  readonly isJson: boolean
  /** One line of the result. */
  line(text: string): Promise<void>
  /** One JSON value, on a line. */
  json(value: unknown): Promise<void>
  /** One JSON value for people to read, on as many lines as it takes. */
  indented(value: unknown): Promise<void>
  /** A remark for people; never part of the result. */
  note(text: string): void
}

/** Writes and waits while the reader is slow, so that memory stays flat. */
export async function write(stream: Writable, chunk: string | Uint8Array): Promise<void> {
  if (!stream.write(chunk)) await once(stream, 'drain')
}

export function createOutput(shell: Shell, options: { json?: boolean | undefined }): Output {
  return {
    isJson: options.json === true,
    line: (text) => write(shell.stdout, `${text}\n`),
    json: (value) => write(shell.stdout, `${visibleJson(value)}\n`),
    indented: async (value) => {
      for (const line of JSON.stringify(value, undefined, 2).split('\n')) {
        await write(shell.stdout, `${visible(line)}\n`)
      }
    },
    note: (text) => void shell.stderr.write(`${text}\n`),
  }
}
