/*
 * An LD_PRELOAD library with two dials, to be turned while the service runs: how far the wall
 * clock is off, and how long the disk takes for a sync. They are two 64-bit integers, milliseconds, in
 * the file that DIALS_FILE names. The monotonic clock goes on as it is, as when a real clock is set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const volatile int64_t off[2];
static const volatile int64_t *dials = off;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("DIALS_FILE");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof off, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) dials = mapped;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static __typeof__(&clock_gettime) real;
  if (real == NULL) real = REAL(clock_gettime);
  int result = real(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t ms = dials[0], ns = time->tv_nsec + ms % 1000 * 1000000;
    time->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
    time->tv_nsec = ns - 1000000000LL * (ns >= 1000000000) + 1000000000LL * (ns < 0);
  }
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  static __typeof__(&gettimeofday) real;
  if (real == NULL) real = REAL(gettimeofday);
  int result = real(time, zone);
  if (result == 0) {
    int64_t ms = dials[0], us = time->tv_usec + ms % 1000 * 1000;
    time->tv_sec += ms / 1000 + (us >= 1000000) - (us < 0);
    time->tv_usec = us - 1000000 * (us >= 1000000) + 1000000 * (us < 0);
  }
  return result;
}

static void take_time(void) {
  int64_t ms = dials[1];
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&time, NULL);
}

int fsync(int file) {
  take_time();
  return REAL(fsync)(file);
}

int fdatasync(int file) {
  take_time();
  return REAL(fdatasync)(file);
}
