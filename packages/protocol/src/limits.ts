/**
 * Every bound of the system, each with its reason. Bytes are UTF-8 bytes; times are milliseconds
 * unless the name says otherwise.
 */

/** One event as kept; keeps a leaf's parts, a page and a message of any queue small. */
export const eventBytesMax = 256 * 1024
/** One request body after decompression: bounds what a gzip bomb can make us hold. */
export const bodyBytesMax = 16 * 1024 * 1024
/** URL and headers of one request: room for a token, a cursor and a long query. */
export const headerBytesMax = 16 * 1024
/** Connections to one service: its streams, and more than as many that come and go. */
export const connectionsMax = 5_000
/** Requests of one; its client then comes again, to a certificate renewed since, or another node. */
export const requestsPerConnectionMax = 10_000
/** URL and headers of a request: whoever sends them by the byte holds a connection so long. */
export const headersMsMax = 15_000
/** A whole request: the largest body at 280 kB a second. */
export const requestMsMax = 60_000
/** Between two requests of a connection: longer than balancers keep theirs, mostly 60 s. */
export const idleMsMax = 72_000
/** Without a byte either way: the reader of an answer has gone, or wants us to hold it. */
export const stalledMsMax = 120_000
/** Events of one request: one transaction must stay short. */
export const batchEventsMax = 10_000
/** Nesting of an event, the event itself being depth 1: every JSON tool downstream can follow. */
export const eventDepthMax = 32
/** Members of one object: more is data abused as keys. */
export const objectMembersMax = 1_000
export const targetsMax = 64
export const actionCharsMax = 200
export const sourceCharsMax = 200
export const idCharsMax = 128
export const tenantCharsMax = 128
/** How far a submitted `time` may lie in the future: clocks differ, but not by more. */
export const futureTimeMsMax = 5 * 60_000
/** Records of other services older than this when they come are marked as backfilled. */
export const backfilledAfterMs = 24 * 60 * 60_000
/** What of a foreign record is kept as it is; beyond it what it was about is left out. */
export const recordBytesMax = 192 * 1024
/** How far our clock may lie behind the log's last `received` before appending would be a lie. */
export const clockBehindMsMax = 60_000
/**
 * How far a node's clock may be from the database's, as one that is fast stops all the others; and
 * a checkpoint's time ahead of the clock, before the checkpoint is signed anew.
 */
export const clockSkewMsMax = 60_000

/** Submitted bytes waiting for the writer; beyond it the caller gets `pushback`. */
export const appendQueueBytesMax = 32 * 1024 * 1024
/** How much of it one log may take: room for the largest body, and for everybody else's. */
export const appendQueueShareMax = 0.75
/** Events of one commit group: bounds how long one transaction holds the others up. */
export const commitGroupEventsMax = 1_000
/** Messages a queue hands one service before it waits for an acknowledgement: a few groups' work. */
export const queuePrefetchDefault = 256
export const queuePrefetchMax = 10_000
/** Deliveries without an end after which a message is looked at alone: it may be what kills us. */
export const queueDeliveriesSuspect = 5
/** Deliveries after which it is dead-lettered. Below 20, where RabbitMQ 4 drops it by itself. */
export const queueDeliveriesMax = 10
/** How long messages are held while the ledger takes nothing; below RabbitMQ's own 30 minutes. */
export const queueHoldMsMax = 10 * 60_000
/** Between attempts to reach a broker, or to append what was refused for a while. */
export const queueRetryMsMin = 100
export const queueRetryMsMax = 5_000
/** Text of the faults that a dead letter carries: headers are no place for megabytes. */
export const deadLetterErrorsCharsMax = 8_192

/** One action's schema: much for one kind of event; every node holds all of them in memory. */
export const schemaBytesMax = 32 * 1024
/** Schemas of one tenant and their text, and text of all: nodes read it anew after each other's acts. */
export const schemasPerTenantMax = 500
/** A share of all: no tenant may leave the others no room. */
export const schemasPerTenantCharsMax = 1024 * 1024
export const schemasCharsMax = 8 * 1024 * 1024
/** Steps of checking one event: about 15 ms. A schema of 20 members takes some hundred. */
export const schemaStepsPerEventMax = 400_000
/** Steps of all events of one request: about 150 ms; 1,000 for each of the largest batch. */
export const schemaStepsPerRequestMax = 10_000_000

/** Steps of redacting one event, about 0.2 s: an event that is full of masks takes fewer. */
export const redactionStepsPerEventMax = 200_000
/** Steps of redacting all events of one request, about a second; 16 MiB could take ten of them. */
export const redactionStepsPerRequestMax = 1_000_000

/** Entries behind the index a search must scan; intake waits for the indexer beyond it. */
export const indexTailEntriesMax = 20_000

export const pageEntriesMax = 1_000
export const pageEntriesDefault = 100
/** Text of one page's entries: a page of the largest events must not fill the memory. */
export const pageBytesMax = 8 * 1024 * 1024
/** Candidates one search looks at before it answers with what it has and a cursor. */
export const searchEffortEntriesMax = 20_000
/** Characters of `q`, and terms in it: a query is typed by a person or made by a console. */
export const queryCharsMax = 4_096
export const queryTermsMax = 64
/** Values offered for completion. */
export const valuesMax = 1_000
/** Buckets of one histogram. */
export const histogramBucketsMax = 1_000
/** Live streams of one service: each holds a socket and a cursor. A caller may have a quarter. */
export const streamsMax = 2_000
/** A download that was begun in time may take so much longer than its credential lasts. */
export const downloadGraceMs = 60 * 60_000
/** Exports being written at a time: each holds a page, or two. A caller may have a quarter. */
export const exportsMax = 200
/** Text of one page of an export: what waits for a reader who is slow. */
export const exportPageBytesMax = 256 * 1024
/** Answers that wait to be read, of those that are large. A caller may have a quarter. */
export const unreadBytesMax = 256 * 1024 * 1024
/** Searches, counts and pages of exports of one log that wait for others to be answered. */
export const readsWaitingMax = 1_000
/** How long a receipt waits for a checkpoint that covers its entry. */
export const receiptWaitMsMax = 2_000
/** A log that grew gets a checkpoint at most this often. */
export const checkpointIntervalMs = 1_000
/** An idle log's cosignature is renewed this often: silence must differ from truncation. */
export const cosignatureRenewMs = 10 * 60_000

/** Entries of one tile (C2SP tlog-tiles). */
export const tileWidth = 256

/** Repeats of a read, or of a failed log-in, collapse to one entry of `_system` this often. */
export const repeatsWindowMs = 60_000
/** A session (log-in) lives this long. */
export const sessionMsMax = 12 * 60 * 60_000
/** A viewer token lives at most this long, and by default this long. */
export const viewerTokenMsMax = 24 * 60 * 60_000
export const viewerTokenMsDefault = 60 * 60_000
/** An access token (what home-made services hand to their callers), likewise. */
export const accessTokenMsMax = 7 * 24 * 60 * 60_000
export const accessTokenMsDefault = 30 * 60_000
/** Flat events: entries of one list, how far into it `offset` goes, and searches made for that. */
export const flatPageMax = 100
export const flatOffsetMax = 10_000
export const flatSearchesMax = 100
/** How long a dialect whose clients do not try again waits for them, and how many requests at once. */
export const patienceMsMax = 5_000
export const patientRequestsMax = 128
/** Passwords longer than this are refused before any hashing. */
export const passwordBytesMax = 1_024
export const passwordCharsMin = 12
/** Failed log-ins of one user name, and of one address, in `loginWindowS`. */
export const loginFailuresMax = 10
export const loginFailuresPerAddressMax = 50
export const loginWindowS = 300
/** Password hashes under way at once: a flood of log-ins must not starve appends. */
export const passwordHashesMax = 2
/** Log-ins that may wait for a password hash: about a second's work; then `pushback`. */
export const passwordHashesWaitingMax = 64
/** Distinct failed log-ins told apart in one minute; beyond it they are counted together. */
export const loginDenialsKeptMax = 10_000
/** Open sessions of one user; a further log-in ends the oldest. */
export const sessionsPerUserMax = 100
/** Administrative acts waiting for their turn: each is checked against the one before. */
export const administrationWaitingMax = 256
/** Verified credentials remembered, so that a known key costs no hash. */
export const credentialsCachedMax = 5_000
/** A key's `lastUsed` is written down at most this often. */
export const lastUsedFlushMs = 60_000
/** Tenants one grant can name: it is checked on every request, and printed in lists. */
export const grantTenantsMax = 1_000
/** Former keys that sign a log beside the one in use: readers of notes need to take 16 lines only. */
export const formerKeysSigningMax = 8
/** Characters of the name a person gives a key, a token or a tenant. */
export const displayNameCharsMax = 200
/** Signed tokens, with everything around them: they travel in a header. */
export const tokenCharsMax = 4_096
/** Characters of one API key. */
export const keyCharsMax = 200
/** Requests a second that a key's own `rate` can name. */
export const keyRateMax = 100_000
/** How long answers under way may take once the service was asked to stop. */
export const shutdownGraceMs = 10_000
/** A log-in, which anybody can send: the longest name and password, each character as an escape. */
export const loginBodyBytesMax = 16 * 1024
/** A body of administration: room for a grant of `grantTenantsMax` tenants. */
export const adminBodyBytesMax = 256 * 1024

/** Rules of redaction made by the API: each is looked for in every event. */
export const redactionRulesMax = 100
/** Paths of one rule. */
export const redactionPathsMax = 100
export const redactionPatternCharsMax = 200
/**
 * Steps that the patterns made by the API may take, together, for each character of the worst text:
 * it then holds intake up for 0.7 s per event of the largest size (measured), and for minutes if
 * there were no bound. `CASE-*` takes 14.
 */
export const redactionPatternStepsMax = 500
/**
 * Text of the former rules that are remembered, the latest first to stay: by them a repeat of what
 * was kept under them is known. They are written, and read by every node, with each change.
 */
export const redactionFormerCharsMax = 64 * 1024
