import { saveFile } from '../api/save-file.ts'

/** Where an export goes. Under its name a file appears only when `close` was called. */
export interface ExportTarget {
  readonly name: string
  readonly write: (chunk: Uint8Array<ArrayBuffer>) => Promise<void>
  readonly close: () => Promise<void>
  /** Leaves nothing that could be taken for a whole file. */
  readonly abort: () => Promise<void>
}

/** Without a picker of files the whole file is held until it is there: at most so much. */
export const heldBytesMax = 256 * 1_024 * 1_024

/** It would be larger than what the page holds. */
export class ExportTooLarge extends Error {}

type PickedFile = FileSystemFileHandle & { readonly remove?: () => Promise<void> }
interface PickerWindow {
  readonly showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<PickedFile>
}

/**
 * The file that somebody picks; where browsers offer that to no page, or not to this one, the
 * browser's own downloads. Call it where a click is handled.
 * @returns undefined if they thought better of it
 */
export async function openTarget(name: string): Promise<ExportTarget | undefined> {
  // TypeScript's DOM has none: Chromium alone does.
  const picker = (window as PickerWindow).showSaveFilePicker
  if (picker === undefined) return holdFile(name)
  try {
    return await writeFile(await picker.call(window, { suggestedName: name }))
  } catch (error) {
    const why = error instanceof DOMException ? error.name : ''
    if (why === 'AbortError') return undefined
    // A frame in another site's page may ask for none.
    if (why === 'SecurityError') return holdFile(name)
    throw error
  }
}

/** What is written stands aside until it is closed; picking has left an empty file in its place. */
async function writeFile(file: PickedFile): Promise<ExportTarget> {
  const writable = await file.createWritable()
  return {
    name: file.name,
    write: (chunk) => writable.write(chunk),
    close: () => writable.close(),
    async abort() {
      await writable.abort().catch(() => undefined)
      await file.remove?.().catch(() => undefined)
    },
  }
}

const pieceBytes = 8 * 1_024 * 1_024

/** In pieces that the browser may keep on the disk: of them this page holds one. */
function holdFile(name: string): ExportTarget {
  let pieces: Blob[] = []
  let held: Uint8Array<ArrayBuffer>[] = []
  let heldBytes = 0
  let bytes = 0
  const turnOver = () => {
    pieces.push(new Blob(held))
    held = []
    heldBytes = 0
  }
  return {
    name,
    async write(chunk) {
      bytes += chunk.byteLength
      if (bytes > heldBytesMax) throw new ExportTooLarge()
      held.push(chunk)
      heldBytes += chunk.byteLength
      if (heldBytes >= pieceBytes) turnOver()
    },
    async close() {
      turnOver()
      saveFile(name, new Blob(pieces))
    },
    async abort() {
      pieces = []
      held = []
    },
  }
}
