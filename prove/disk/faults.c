/*
 * Disk faults: an LD_PRELOAD library by which a stage has the nth call of a kind, on what lies below
 * a folder, fail or be the process's last. prove/disk/faults.ts turns it, while the process runs,
 * by the file that FAULTS_CONTROL names.
 *
 *   FAULTS_FOLDER   the folder
 *   FAULTS_CONTROL  `struct control`, shared by whoever is loaded with it
 *
 * Memory maps are not seen: SQLite maps only -shm, which no recovery trusts. Nor are copies within
 * the kernel (copy_file_range), by which `restore` takes the backup's file; its open is seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS 65536
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { OPEN, READ, WRITE, SYNC, TRUNCATE, UNLINK, RENAME, LINK, MKDIR, KINDS };
enum { KILL_BEFORE = -1, KILL_AFTER = -2 };

struct control {
  int64_t kinds;     /* a bit for each kind that is meant; 0: everything passes */
  int64_t nth;       /* calls of these kinds from now on, this one among them */
  int64_t action;    /* an error number, or KILL_ */
  int64_t for_good;  /* the later ones, too */
  int64_t hits;
  int64_t lost_syncs; /* log.db-wal had unsynced writes when its sync failed */
  int64_t calls[KINDS];
  char last[256];    /* the file that was hit last */
};

static struct control unused, *control = &unused;
static char folder[PATH_MAX];
static struct { char is_ours, is_log, is_dirty; dev_t device; ino_t inode; char name[64]; } files[FDS];

__attribute__((constructor)) static void start(void) {
  const char *below = getenv("FAULTS_FOLDER"), *path = getenv("FAULTS_CONTROL");
  int file = below == NULL || path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof unused, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  control = mapped;
  snprintf(folder, sizeof folder, "%s", below);
}

static int is_below(const char *path) {
  size_t length = strlen(folder);
  return length > 0 && path != NULL && strncmp(path, folder, length) == 0 &&
         (path[length] == '/' || path[length] == 0);
}
/* libuv closes by a bare system call, unseen here: a number can be another file's by now. */
static int is_ours(int fd) {
  struct stat now;
  if (fd < 0 || fd >= FDS || !files[fd].is_ours) return 0;
  if (fstat(fd, &now) != 0 || now.st_dev != files[fd].device || now.st_ino != files[fd].inode)
    files[fd].is_ours = 0;
  return files[fd].is_ours;
}

/* The action that is due for this call; 0 where none is. */
static int64_t due(int kind, const char *name) {
  __atomic_add_fetch(&control->calls[kind], 1, __ATOMIC_RELAXED);
  if ((__atomic_load_n(&control->kinds, __ATOMIC_ACQUIRE) & 1 << kind) == 0) return 0;
  int64_t left = __atomic_sub_fetch(&control->nth, 1, __ATOMIC_ACQ_REL);
  if (left > 0 || (left < 0 && !control->for_good)) return 0;
  snprintf(control->last, sizeof control->last, "%s", name);
  __atomic_add_fetch(&control->hits, 1, __ATOMIC_ACQ_REL);
  return control->action;
}
static void end(void) { kill(getpid(), SIGKILL); }

/* One call, with whatever is due for it. */
#define CALL(kind, name, failure, call) \
  int64_t action = due(kind, name); \
  if (action > 0) { int failed = failure; errno = (int)action; return failed; } \
  if (action == KILL_BEFORE) end(); \
  __typeof__(call) result = call; \
  if (action == KILL_AFTER) end();

static int opened(int fd, const char *path) {
  struct stat now;
  if (fd < 0 || fd >= FDS || fstat(fd, &now) != 0) return fd;
  const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
  files[fd].is_ours = 1;
  files[fd].is_log = strcmp(name, "log.db-wal") == 0;
  files[fd].is_dirty = 0;
  files[fd].device = now.st_dev;
  files[fd].inode = now.st_ino;
  snprintf(files[fd].name, sizeof files[fd].name, "%s", name);
  return fd;
}
#define OPENING(function, ...) { \
    va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
    if (!is_below(path)) { \
      int other = REAL(function)(__VA_ARGS__); \
      if (other >= 0 && other < FDS) files[other].is_ours = 0; \
      return other; \
    } \
    CALL(OPEN, path, -1, REAL(function)(__VA_ARGS__)) \
    return opened(result, path); }
int open(const char *path, int flags, ...) OPENING(open, path, flags, mode)
int open64(const char *path, int flags, ...) OPENING(open64, path, flags, mode)
int openat(int at, const char *path, int flags, ...) OPENING(openat, at, path, flags, mode)
int openat64(int at, const char *path, int flags, ...) OPENING(openat64, at, path, flags, mode)

#define ON_FILE(kind, function, ...) \
  if (!is_ours(fd)) return REAL(function)(__VA_ARGS__); \
  CALL(kind, files[fd].name, -1, REAL(function)(__VA_ARGS__))

ssize_t pread64(int fd, void *data, size_t length, off64_t offset) {
  ON_FILE(READ, pread64, fd, data, length, offset)
  return result;
}
ssize_t pread(int fd, void *data, size_t length, off_t offset) {
  return pread64(fd, data, length, offset);
}
ssize_t read(int fd, void *data, size_t length) {
  ON_FILE(READ, read, fd, data, length)
  return result;
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  ON_FILE(WRITE, pwrite64, fd, data, length, offset)
  files[fd].is_dirty = 1;
  return result;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  return pwrite64(fd, data, length, offset);
}
ssize_t write(int fd, const void *data, size_t length) {
  ON_FILE(WRITE, write, fd, data, length)
  return result;
}
static int lose(int fd) {
  if (files[fd].is_log && files[fd].is_dirty)
    __atomic_add_fetch(&control->lost_syncs, 1, __ATOMIC_ACQ_REL);
  return -1;
}
#define SYNCING(function) { \
    if (!is_ours(fd)) return REAL(function)(fd); \
    CALL(SYNC, files[fd].name, lose(fd), REAL(function)(fd)) \
    files[fd].is_dirty = 0; \
    return result; }
int fsync(int fd) SYNCING(fsync)
int fdatasync(int fd) SYNCING(fdatasync)
int ftruncate64(int fd, off64_t size) {
  ON_FILE(TRUNCATE, ftruncate64, fd, size)
  return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

#define ON_PATH(kind, path, function, ...) { \
    if (!is_below(path)) return REAL(function)(__VA_ARGS__); \
    CALL(kind, path, -1, REAL(function)(__VA_ARGS__)) \
    return result; }
int rename(const char *from, const char *to) ON_PATH(RENAME, to, rename, from, to)
int link(const char *from, const char *to) ON_PATH(LINK, to, link, from, to)
int unlink(const char *path) ON_PATH(UNLINK, path, unlink, path)
int remove(const char *path) ON_PATH(UNLINK, path, remove, path)
int unlinkat(int at, const char *path, int flags) ON_PATH(UNLINK, path, unlinkat, at, path, flags)
int mkdir(const char *path, mode_t mode) ON_PATH(MKDIR, path, mkdir, path, mode)
