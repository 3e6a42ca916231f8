/* Preloaded into a process: while the file EIO_WHILE names is there, what is written below EIO_BELOW fails with EIO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
  const char *flag = getenv("EIO_WHILE"), *below = getenv("EIO_BELOW");
  char link[64], path[4096];
  ssize_t length;
  if (!flag || !below || access(flag, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0;
}

#define FAILING(result, name, parameters, arguments)                 \
  result name parameters {                                           \
    static result(*real) parameters;                                 \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);            \
    if (fails(fd)) { errno = EIO; return -1; }                       \
    return real arguments;                                           \
  }

FAILING(ssize_t, write, (int fd, const void *bytes, size_t count), (fd, bytes, count))
FAILING(ssize_t, pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
FAILING(ssize_t, pwrite64, (int fd, const void *bytes, size_t count, off64_t at), (fd, bytes, count, at))
FAILING(int, fsync, (int fd), (fd))
FAILING(int, fdatasync, (int fd), (fd))
