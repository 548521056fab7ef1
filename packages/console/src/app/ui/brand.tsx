export const Brand = () => (
  <span className="brand">
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--brand)" />
      <path
        d="M10 9.5h12M10 16h12M10 22.5h7"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <circle cx="22.5" cy="22.5" r="2.4" fill="#8ff0c0" />
    </svg>
    <span>Indelible</span>
  </span>
)
