import './skeleton.css'

const skeletonRows = Array.from({ length: 12 }, (_, row) => row)

/** Where a list will be. */
export const Skeleton = () => (
  <div className="skeleton" role="status" aria-label="Loading events">
    {skeletonRows.map((row) => (
      <span key={row} />
    ))}
  </div>
)
