import { type FormEvent, useState } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import {
  nameCharsMax,
  removeSearch,
  renameSearch,
  type SavedSearch,
  type Searches,
  saveSearch,
} from './searches.ts'
import '../forms/form.css'
import './saved-dialog.css'

interface SavedDialogProps {
  readonly mode: 'save' | 'manage'
  readonly searches: Searches
  /** What is shown now, as its link has it. */
  readonly address: string
  readonly keep: (change: (before: Searches) => Searches) => void
  readonly onClose: () => void
}

/** Gives the present search a name, or names another one anew. */
export default function SavedDialog(props: SavedDialogProps) {
  const { mode, onClose } = props
  return mode === 'save' ? (
    <Dialog
      title="Save this search"
      description="Query, time, log and columns, in this browser. To share it, send its link."
      onClose={onClose}
    >
      <SaveForm {...props} />
    </Dialog>
  ) : (
    <Dialog title="Saved searches" onClose={onClose}>
      <Saved {...props} />
    </Dialog>
  )
}

const readName = (event: FormEvent<HTMLFormElement>): string =>
  String(new FormData(event.currentTarget).get('name') ?? '').trim()

function SaveForm({ searches, address, keep, onClose }: SavedDialogProps) {
  const [name, setName] = useState('')
  const isTaken = searches.saved.some((one) => one.name === name.trim())
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const search = { name: readName(event), address }
    if (search.name === '') return
    keep((before) => saveSearch(before, search))
    onClose()
  }
  return (
    <form className="form" onSubmit={submit}>
      <label className="field">
        <span>Name</span>
        <input
          name="name"
          required
          maxLength={nameCharsMax}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <p role="status" className="saved-note">
        {isTaken ? 'There is one of this name: it becomes this one.' : ''}
      </p>
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary">
          Save
        </button>
      </div>
    </form>
  )
}

function Saved({ searches, keep, onClose }: SavedDialogProps) {
  return (
    <>
      {searches.saved.length === 0 ? <p>There are none any more.</p> : null}
      <ul className="saved-list">
        {searches.saved.map((search) => (
          <SavedRow key={search.name} search={search} searches={searches} keep={keep} />
        ))}
      </ul>
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  )
}

function SavedRow(
  props: Pick<SavedDialogProps, 'searches' | 'keep'> & { readonly search: SavedSearch },
) {
  const { search, searches, keep } = props
  const [name, setName] = useState(search.name)
  const wanted = name.trim()
  const isTaken = wanted !== search.name && searches.saved.some((one) => one.name === wanted)
  const rename = (event: FormEvent) => {
    event.preventDefault()
    if (wanted !== '' && !isTaken) keep((before) => renameSearch(before, search.name, wanted))
  }
  const shown = visibleText(search.name)
  return (
    <li>
      <form onSubmit={rename}>
        <input
          aria-label={`Name of ${shown}`}
          aria-invalid={isTaken}
          maxLength={nameCharsMax}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <button
          type="submit"
          className="button"
          aria-disabled={wanted === '' || wanted === search.name || isTaken}
        >
          Rename
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`Delete ${shown}`}
          title={`Delete ${shown}`}
          onClick={() => keep((before) => removeSearch(before, search.name))}
        >
          <Icon name="close" />
        </button>
      </form>
      {isTaken ? (
        <p className="fault" role="alert">
          Another one has this name.
        </p>
      ) : null}
    </li>
  )
}
