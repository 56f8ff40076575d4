/*
 * See fetch_curl.h. The guard stands where libcurl makes a socket for an address it is about to
 * connect to: no second look-up can come between, and each redirect passes it again.
 */
#include "io/fetch_curl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data/network.h"

/* Private networks are no proxy's business. */
static const char no_proxy[] = "localhost,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,"
							   "fc00::/7,fe80::/10";

static struct fetch_options options;
static atomic_bool stopping;
static pthread_mutex_t pause_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stopped = PTHREAD_COND_INITIALIZER;

static void init_once(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
}

void fetch_start(const struct fetch_options *o)
{
	options = *o;
	atomic_store(&stopping, false);
}

void fetch_stop(void)
{
	pthread_mutex_lock(&pause_lock);
	atomic_store(&stopping, true);
	pthread_cond_broadcast(&stopped);
	pthread_mutex_unlock(&pause_lock);
}

int fetch_pause(int64_t ms)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&pause_lock);
	while (!fetch_stopping() && rc == 0)
		rc = pthread_cond_timedwait(&stopped, &pause_lock, &until);
	pthread_mutex_unlock(&pause_lock);
	return fetch_stopping() ? E_UNAVAILABLE : OK;
}

bool fetch_stopping(void)
{
	return atomic_load(&stopping);
}

static bool in6_of(const struct sockaddr *from, struct in6_addr *out)
{
	char text[INET6_ADDRSTRLEN];
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;

	if (from->sa_family == AF_INET6) {
		*out = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
		return true;
	}
	return from->sa_family == AF_INET &&
		   inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text) != NULL && address_read(text, out);
}

static bool listed(const struct in6_addr *address)
{
	for (size_t i = 0; i < options.allow.n; i++) {
		struct network n;

		if (network_read(options.allow.items[i], &n) && network_has(&n, address))
			return true;
	}
	return false;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = arg;
	struct in6_addr address;

	(void)purpose;
	if (!t->trusted && !t->host_allowed &&
		(!in6_of(&to->addr, &address) || (!address_public(&address) && !listed(&address)))) {
		t->denied = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct transfer *t = arg;

	(void)a, (void)b, (void)c, (void)d;
	if (!fetch_stopping() || (t->keep != NULL && t->keep(t->keep_arg)))
		return 0;
	t->stopped = true;
	return 1;
}

bool transfer_host_allowed(const char *host)
{
	struct in6_addr address;

	for (size_t i = 0; i < options.allow.n; i++)
		if (text_ieq(options.allow.items[i], host))
			return true;
	if (options.proxy == NULL || text_ieq(host, "localhost") || *host == '[')
		return false;
	return !address_read(host, &address) || address_public(&address);
}

bool transfer_host_denied(const char *host)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN + 2];

	if (transfer_host_allowed(host))
		return false;
	snprintf(text, sizeof text, "%s", text_ieq(host, "localhost") ? "127.0.0.1" : host);
	if (text[0] == '[') {
		text[strcspn(text, "]")] = '\0';
		memmove(text, text + 1, strlen(text));
	}
	return address_read(text, &address) && !address_public(&address) && !listed(&address);
}

size_t transfer_read_file(char *p, size_t size, size_t count, void *arg)
{
	struct file_source *f = arg;
	size_t n = size * count;
	ssize_t got;

	if ((int64_t)n > f->size - f->at)
		n = (size_t)(f->size - f->at);
	if (n == 0)
		return 0;
	do
		got = pread(f->fd, p, n, f->at);
	while (got < 0 && errno == EINTR);
	f->failed = got <= 0; /* less than was promised is a failure too */
	if (f->failed)
		return CURL_READFUNC_ABORT;
	f->at += got;
	return (size_t)got;
}

void transfer_free_slist(void *list)
{
	curl_slist_free_all(list);
}

void transfer_free_mime(void *mime)
{
	curl_mime_free(mime);
}

static void free_curl(void *curl)
{
	curl_easy_cleanup(curl);
}

/* ---- handles that keep their connections ---- */

static pthread_key_t kept; /* an idle handle of the thread */

static void make_key(void)
{
	if (pthread_key_create(&kept, free_curl) != 0)
		abort();
}

/* Back to the thread, without anything of the transfer. */
static void give_back(void *curl)
{
	if (pthread_getspecific(kept) != NULL || fetch_stopping()) {
		curl_easy_cleanup(curl);
		return;
	}
	curl_easy_reset(curl);
	pthread_setspecific(kept, curl);
}

static CURL *take_kept(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CURL *c;

	pthread_once(&once, make_key);
	c = pthread_getspecific(kept);
	pthread_setspecific(kept, NULL);
	return c != NULL ? c : curl_easy_init();
}

int transfer_init(struct transfer *t)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CURL *c;

	if (fetch_stopping())
		return fail(t, E_UNAVAILABLE, "The server is stopping; try again");
	pthread_once(&once, init_once);
	c = t->curl = t->reuse ? take_kept() : curl_easy_init();
	if (c == NULL)
		abort();
	arena_defer(t->arena, t->reuse ? give_back : free_curl, c);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_PROXY, options.proxy != NULL ? options.proxy : "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, no_proxy);
	if (options.ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, options.ca_file);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->said);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	/* Most handles are used once. Otherwise their end would say good-bye to a mail server that may
	 * not answer, and wait for two minutes. */
	curl_easy_setopt(c, CURLOPT_FORBID_REUSE, t->reuse ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	return OK;
}

int transfer_result(struct transfer *t, CURLcode code)
{
	if (code == CURLE_OK)
		return OK;
	if (t->stopped)
		return fail(t, E_UNAVAILABLE, "The server is stopping; try again");
	if (t->denied)
		return fail(t, E_DENIED,
					"%s leads to an address that is not on the public Internet; the operator can "
					"allow it with FETCH_ALLOW",
					t->host);
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return fail(t, E_TIMEOUT, "%s did not answer within %g seconds", t->host,
					(double)(t->total_ms > 0 ? t->total_ms : t->timeout_ms) / 1000);
	case CURLE_PEER_FAILED_VERIFICATION:
		return fail(t, E_UPSTREAM, "The certificate of %s cannot be trusted: %s", t->host,
					t->said[0] != '\0' ? t->said : curl_easy_strerror(code));
	}
	return fail(t, E_UPSTREAM, "%s: %s", t->host,
				t->said[0] != '\0' ? t->said : curl_easy_strerror(code));
}
