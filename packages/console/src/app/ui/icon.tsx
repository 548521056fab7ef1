/** Outlines on a grid of 16, drawn with the colour of the text. */
const shapes = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.8 10.8 14 14',
  close: 'M4 4l8 8M12 4l-8 8',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.4',
  filter: 'M2.5 3.5h11L9.4 8.4v4.1l-2.8-1.4V8.4z',
  minus: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.4 8h5.2',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  check: 'M3.5 8.5l3 3 6-7',
  shield: 'M8 1.8l5 1.8v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4zM5.7 8l1.7 1.7 3-3.3',
  alert: 'M8 1.8l6.4 11.6H1.6zM8 6.2v3.4M8 11.6v.2',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 13.8c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4',
  play: 'M5 3.2l7.5 4.8L5 12.8z',
  log: 'M3 3.5h10M3 8h10M3 12.5h6',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.6M13 2v3.2H9.8',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  plus: 'M8 3.2v9.6M3.2 8h9.6',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  bookmark: 'M4 2.5h8v11l-4-3-4 3z',
  more: 'M3.3 7.6v.8M8 7.6v.8M12.7 7.6v.8',
  download: 'M8 2.5v7.2M5 7l3 3 3-3M3 13.5h10',
} as const
export type IconName = keyof typeof shapes

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path
      d={shapes[name]}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
)
