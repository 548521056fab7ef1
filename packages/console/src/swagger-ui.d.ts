/** What is used of Swagger UI, which is plain JavaScript. */
declare module '@fastify/swagger-ui/static/swagger-ui-bundle.js' {
  export default function showApi(options: {
    readonly dom_id: string
    readonly url: string
    readonly deepLinking: boolean
    readonly validatorUrl: null
  }): void
}
