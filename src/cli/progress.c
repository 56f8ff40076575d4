/* See progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { WIDTH = 30, REDRAW_US = 100000 };

void progress_start(struct progress *p, int64_t total)
{
	int64_t now = clock_monotonic();

	*p = (struct progress){
		.shown = isatty(STDERR_FILENO) == 1, .total = total, .started = now, .last = now};
}

static void draw(struct progress *p, int64_t now)
{
	double seconds = (double)(now - p->started) / (double)CLOCK_SECOND;
	double rate = seconds > 0 ? (double)p->done / seconds : 0;
	char bar[WIDTH + 1];
	size_t filled;

	if (p->total <= 0) {
		fprintf(stderr, "\r%lld files, %.0f/s\033[K", (long long)p->done, rate);
		return;
	}
	filled = (size_t)(p->done * WIDTH / p->total);
	memset(bar, '-', WIDTH);
	memset(bar, '#', filled < WIDTH ? filled : WIDTH);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %lld of %lld, %lld%%, %.0f/s\033[K", bar, (long long)p->done,
			(long long)p->total, (long long)(p->done * 100 / p->total), rate);
}

void progress_step(struct progress *p)
{
	int64_t now;

	p->done++;
	if (!p->shown)
		return;
	now = clock_monotonic();
	if (now - p->last < REDRAW_US)
		return;
	p->last = now;
	p->drawn = true;
	draw(p, now);
}

void progress_clear(struct progress *p)
{
	if (!p->drawn)
		return;
	p->drawn = false;
	fputs("\r\033[K", stderr);
}
