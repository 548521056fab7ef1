import type { ReactNode } from 'react'
import { FaultNotice } from './fault-notice.tsx'
import { useMedia } from './use-size.ts'
import './data-table.css'

interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** To the end of its cell, in digits of one width. */
  readonly numeric?: boolean
}

/** The first names the row. */
export type Columns<Row> = readonly [Column<Row>, ...Column<Row>[]]

/** As TanStack Query has it. */
export interface Rows<Row> {
  readonly data: readonly Row[] | undefined
  readonly error: Error | null
  readonly refetch: () => unknown
}

interface DataTableProps<Row> {
  /** What it lists, for those who hear it. */
  readonly label: string
  readonly rows: Rows<Row>
  readonly columns: Columns<Row>
  readonly keyOf: (row: Row) => string
  /** Buttons at the row's end; each needs a label that names the row. */
  readonly actions?: (row: Row) => ReactNode
  /** In the place of a table without rows. */
  readonly empty: ReactNode
}

/** Where each row is a card, since columns have no room. */
const asCards = '(max-width: 860px)'

/** A plain table, with what stands in its place while it loads, after a fault, or with nothing in it. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, label, empty } = props
  const narrow = useMedia(asCards)
  if (rows.data === undefined) {
    if (rows.error !== null) {
      return (
        <div className="table-frame">
          <FaultNotice
            error={rows.error}
            title={`Could not be read: ${label}`}
            onRetry={rows.refetch}
          />
        </div>
      )
    }
    return <div className="table-wait" role="status" aria-label={`Loading: ${label}`} />
  }
  if (rows.data.length === 0) return <div className="table-frame">{empty}</div>
  return (
    <>
      {rows.error === null ? null : (
        <p className="table-stale" role="alert">
          This may be old: it could not be read again. {rows.error.message}
        </p>
      )}
      {narrow ? <Cards {...props} data={rows.data} /> : <Table {...props} data={rows.data} />}
    </>
  )
}

type Filled<Row> = DataTableProps<Row> & { readonly data: readonly Row[] }

function Table<Row>({ label, columns, data, keyOf, actions }: Filled<Row>) {
  const [first, ...others] = columns
  const classOf = ({ numeric }: Column<Row>) => (numeric === true ? 'numeric' : undefined)
  return (
    <div className="table-frame">
      <table className="data-table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
            {actions === undefined ? null : (
              <td>
                <span className="hidden">Actions</span>
              </td>
            )}
          </tr>
        </thead>
        <tbody>
          {data.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row">{first.cell(row)}</th>
              {others.map((column) => (
                <td key={column.title} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
              {actions === undefined ? null : <td className="row-actions">{actions(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cards<Row>({ label, columns, data, keyOf, actions }: Filled<Row>) {
  const [first, ...others] = columns
  return (
    <ul className="data-cards" aria-label={label}>
      {data.map((row) => (
        <li key={keyOf(row)} className="data-card">
          <h2>{first.cell(row)}</h2>
          <dl>
            {others.map(({ title, cell }) => (
              <div key={title}>
                <dt>{title}</dt>
                <dd>{cell(row)}</dd>
              </div>
            ))}
          </dl>
          {actions === undefined ? null : <div className="row-actions">{actions(row)}</div>}
        </li>
      ))}
    </ul>
  )
}
