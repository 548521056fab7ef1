import type { HostMessage, ViewerConnect, ViewerMessage } from '@indelible/protocol'

/** The viewer's frame in a page, and the line to it. */
export interface ViewerFrame {
  readonly element: HTMLIFrameElement
  /** Says something to the viewer, if it listens already. */
  readonly tell: (message: HostMessage) => void
  readonly close: () => void
}

const connect: ViewerConnect = { indelible: 'connect' }

/** It may run its script and keep what its origin keeps, and nothing else of what a page may. */
const allowed = 'allow-scripts allow-same-origin allow-forms allow-downloads'

/**
 * Makes the frame. Each time the viewer has loaded it is sent a port, addressed to the service's
 * origin: a page of any other origin that got into the frame does not receive it. What is said after
 * that no other window hears, or can say.
 * @throws TypeError for an address that is none, or not one of HTTP
 */
export function createFrame(options: {
  readonly url: string
  readonly onConnect: () => void
  readonly onMessage: (message: ViewerMessage) => void
}): ViewerFrame {
  const page = new URL('/embed', new URL(options.url, document.baseURI))
  if (!/^https?:$/.test(page.protocol)) throw new TypeError(`${options.url} is not http: or https:`)
  const element = document.createElement('iframe')
  element.title = 'Audit log'
  element.setAttribute('sandbox', allowed)
  element.allow = 'clipboard-write'
  element.referrerPolicy = 'no-referrer'
  // By the CSSOM: a policy of the page may forbid style attributes. Against the box itself, since a
  // share of a height that is the least there may be is none.
  const fill = { position: 'absolute', inset: '0', width: '100%', height: '100%', border: '0' }
  Object.assign(element.style, fill)
  // Says that a page will speak to it, so that it waits.
  element.src = `${page.href}#connect`
  let port: MessagePort | undefined
  const close = () => {
    port?.close()
    port = undefined
  }
  element.addEventListener('load', () => {
    close()
    const channel = new MessageChannel()
    port = channel.port1
    port.onmessage = ({ data }: MessageEvent<ViewerMessage>) => options.onMessage(data)
    element.contentWindow?.postMessage(connect, page.origin, [channel.port2])
    options.onConnect()
  })
  return { element, close, tell: (message) => port?.postMessage(message) }
}
