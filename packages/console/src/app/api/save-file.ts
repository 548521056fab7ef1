/** Hands a file to the browser to be saved. A link to the API would go by the cookie alone. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // Not at once: the browser reads it after this returns.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
