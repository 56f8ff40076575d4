/* banned: C library functions that have a safer twin become compile errors. Included everywhere by
 * the build (-include). gcc's builds enforce it; clang refuses to poison what its headers define as
 * macros. */
#pragma once
#if !defined(__cplusplus) && !defined(__clang__)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok gmtime localtime ctime asctime
#pragma GCC poison atoi atol atoll tmpnam mktemp system popen strncat
#endif
