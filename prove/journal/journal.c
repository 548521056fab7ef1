/*
 * I/O journal: an LD_PRELOAD library that records, in one order, what a process does to the files
 * below a folder, and what it answers over HTTP or says on stdout ("mark …"). prove/journal/journal.ts
 * reads it.
 *
 *   JOURNAL_FOLDER  the folder; everything opened below it is recorded
 *   JOURNAL_OUT     file that records are appended to; several processes may use it in turn
 *
 * One call at a time: the lock is held over the call and its record, so that the order of records
 * is the order of effects. Writes and answers are recorded before they happen, so that a kill in
 * between leaves a write that may not be there, like any other that was not synced. Memory maps are
 * not seen: SQLite maps only -shm, which no recovery trusts.
 *
 * Record: kind u8, handle u64, offset u64, length u32 (little endian), then `length` bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536
#define REAL(name) ((__typeof__(&name))real(#name))
#define LOCK() pthread_mutex_lock(&turn)
#define UNLOCK(result) do { int kept = errno; pthread_mutex_unlock(&turn); errno = kept; return result; } while (0)

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint64_t handles[FDS], last_handle;
static struct stat files[FDS];
static char folder[PATH_MAX];
static int out = -1;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
  const char *below = getenv("JOURNAL_FOLDER"), *path = getenv("JOURNAL_OUT");
  if (below == NULL || path == NULL) return;
  snprintf(folder, sizeof folder, "%s", below);
  out = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  last_handle = (uint64_t)getpid() << 32; /* no two processes share a handle */
}

static int is_below(const char *path) {
  size_t length = strlen(folder);
  return out >= 0 && path != NULL && strncmp(path, folder, length) == 0 &&
         (path[length] == '/' || path[length] == 0);
}
/* libuv closes by a bare system call, unseen here: a number can be another file's by now. */
static uint64_t handle_of(int fd) {
  struct stat now;
  if (fd < 0 || fd >= FDS || handles[fd] == 0) return 0;
  int is_same = fstat(fd, &now) == 0 && now.st_dev == files[fd].st_dev && now.st_ino == files[fd].st_ino;
  return is_same ? handles[fd] : (handles[fd] = 0);
}

static void record(char kind, uint64_t handle, uint64_t offset, const void *data, size_t length) {
  unsigned char head[21];
  uint32_t short_length = (uint32_t)length;
  head[0] = (unsigned char)kind;
  memcpy(head + 1, &handle, 8);
  memcpy(head + 9, &offset, 8);
  memcpy(head + 17, &short_length, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
  if (REAL(writev)(out, parts, 2) != (ssize_t)(sizeof head + length)) abort();
}
static void record_pair(char kind, const char *from, const char *to) {
  char both[2 * PATH_MAX];
  int length = snprintf(both, sizeof both, "%s\n%s", from, to);
  record(kind, 0, 0, both, (size_t)length);
}
static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < FDS) handles[fd] = 0;
  if (fd >= 0 && fd < FDS && is_below(path) && fstat(fd, &files[fd]) == 0) {
    handles[fd] = ++last_handle;
    record('O', handles[fd], (flags & O_TRUNC) != 0, path, strlen(path));
  }
  return fd;
}

#define OPEN(name, ...) { \
    va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
    LOCK(); int fd = opened(REAL(name)(__VA_ARGS__), path, flags); UNLOCK(fd); }
int open(const char *path, int flags, ...) OPEN(open, path, flags, mode)
int open64(const char *path, int flags, ...) OPEN(open64, path, flags, mode)
int openat(int at, const char *path, int flags, ...) OPEN(openat, at, path, flags, mode)
int openat64(int at, const char *path, int flags, ...) OPEN(openat64, at, path, flags, mode)

int close(int fd) {
  LOCK();
  if (fd >= 0 && fd < FDS) handles[fd] = 0;
  int result = REAL(close)(fd);
  UNLOCK(result);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  if (!handle_of(fd)) return REAL(pwrite64)(fd, data, length, offset);
  LOCK();
  record('W', handles[fd], (uint64_t)offset, data, length);
  ssize_t result = REAL(pwrite64)(fd, data, length, offset);
  if (result != (ssize_t)length) abort(); /* recorded as whole; no test fills a disk under this */
  UNLOCK(result);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return pwrite64(fd, data, length, offset);
}

static int is_answer(int fd, const void *data, size_t length) {
  if (out < 0 || handle_of(fd) || length <= 12) return 0;
  return memcmp(data, "HTTP/1.1 20", 11) == 0 || memcmp(data, "mark ", 5) == 0;
}
/* What is opened to append is written at its end, wherever its offset is. */
static uint64_t offset_of(int fd) {
  struct stat now;
  int is_appending = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
  return is_appending && fstat(fd, &now) == 0 ? (uint64_t)now.st_size : (uint64_t)lseek(fd, 0, SEEK_CUR);
}
ssize_t write(int fd, const void *data, size_t length) {
  int answers = is_answer(fd, data, length);
  if (!answers && !handle_of(fd)) return REAL(write)(fd, data, length);
  LOCK();
  if (answers) record('A', 0, 0, data, length);
  else record('W', handles[fd], offset_of(fd), data, length);
  ssize_t result = REAL(write)(fd, data, length);
  if (!answers && result != (ssize_t)length) abort();
  UNLOCK(result);
}
static void answer_parts(int fd, const struct iovec *parts, int count) {
  if (count < 1 || !is_answer(fd, parts[0].iov_base, parts[0].iov_len)) return;
  size_t length = 0, at = 0;
  for (int n = 0; n < count; n++) length += parts[n].iov_len;
  char *all = malloc(length);
  for (int n = 0; n < count; at += parts[n++].iov_len)
    memcpy(all + at, parts[n].iov_base, parts[n].iov_len);
  LOCK();
  record('A', 0, 0, all, length);
  pthread_mutex_unlock(&turn);
  free(all);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (handle_of(fd)) abort(); /* nobody writes our files so; a journal with a hole proves nothing */
  answer_parts(fd, parts, count);
  return REAL(writev)(fd, parts, count);
}
/* fs.copyFile copies in the kernel, unseen here: it is given a copy by hand. */
ssize_t sendfile64(int fd, int from, off64_t *offset, size_t length) {
  if (!handle_of(fd)) return REAL(sendfile64)(fd, from, offset, length);
  char data[65536];
  ssize_t read = REAL(pread64)(from, data, length < sizeof data ? length : sizeof data, *offset);
  ssize_t result = read > 0 ? write(fd, data, (size_t)read) : read;
  if (result > 0) *offset += result;
  return result;
}
ssize_t sendfile(int fd, int from, off_t *offset, size_t length) {
  return sendfile64(fd, from, offset, length);
}
long syscall(long number, ...) {
  long (*next)(long, ...) = real("syscall");
  long a[6];
  va_list list;
  va_start(list, number);
  for (int n = 0; n < 6; n++) a[n] = va_arg(list, long);
  va_end(list);
  if (out >= 0 && number == SYS_copy_file_range) return errno = ENOSYS, -1;
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
int ioctl(int fd, unsigned long request, ...) {
  int (*next)(int, unsigned long, ...) = real("ioctl");
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (request == FICLONE && handle_of(fd)) return errno = EOPNOTSUPP, -1;
  return next(fd, request, argument);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  answer_parts(fd, message->msg_iov, (int)message->msg_iovlen);
  return REAL(sendmsg)(fd, message, flags);
}

#define ON_FD(kind, name, offset, ...) { \
    LOCK(); int result = REAL(name)(__VA_ARGS__); \
    if (result == 0 && handle_of(fd)) record(kind, handles[fd], offset, "", 0); \
    UNLOCK(result); }
int fsync(int fd) ON_FD('S', fsync, 0, fd)
int fdatasync(int fd) ON_FD('S', fdatasync, 0, fd)
int ftruncate64(int fd, off64_t size) ON_FD('T', ftruncate64, (uint64_t)size, fd, size)
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

#define ON_PATHS(kind, name, from, to, ...) { \
    LOCK(); int result = REAL(name)(__VA_ARGS__); \
    if (result == 0 && is_below(to)) record_pair(kind, from, to); \
    UNLOCK(result); }
int rename(const char *from, const char *to) ON_PATHS('R', rename, from, to, from, to)
int link(const char *from, const char *to) ON_PATHS('L', link, from, to, from, to)
int unlink(const char *path) ON_PATHS('U', unlink, "", path, path)
int remove(const char *path) ON_PATHS('U', remove, "", path, path)
int unlinkat(int at, const char *path, int flags) ON_PATHS('U', unlinkat, "", path, at, path, flags)
int mkdir(const char *path, mode_t mode) ON_PATHS('D', mkdir, "", path, path, mode)
