/* banned: C library functions that have a safer twin become compile errors. Included everywhere by
 * the build (-include). */
#pragma once
#ifndef __cplusplus
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok gmtime localtime ctime asctime
#pragma GCC poison atoi atol atoll tmpnam mktemp system popen strncat
#endif
