/* SPDX-License-Identifier: ISC */
#include "keys/dns_late.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool
dns_late_is_full(const struct dns_late *l)
{
	return l->count == DNS_LATE_MAX;
}

void
dns_late_drop(struct dns_late *l, size_t at)
{
	close(l->tries[at].fd);
	l->count--;
	memmove(&l->tries[at], &l->tries[at + 1], (l->count - at) * sizeof(l->tries[0]));
}

void
dns_late_put(struct dns_late *l, int fd, const uint8_t id[2])
{
	if (dns_late_is_full(l))
		dns_late_drop(l, 0);
	l->tries[l->count] = (struct dns_late_try){.fd = fd, .id = {id[0], id[1]}};
	l->count++;
}

void
dns_late_clear(struct dns_late *l)
{
	while (l->count > 0)
		dns_late_drop(l, l->count - 1);
}

ldns_pkt *
dns_late_read(
    const struct dns_late_try *from, struct slice question, int datagrams, bool *is_broken)
{
	uint8_t in[DNS_UDP_LEN_MAX], asked[DNS_QUERY_LEN_MAX];
	memcpy(asked, question.ptr, question.len);
	memcpy(asked, from->id, sizeof(from->id));
	*is_broken = false;
	for (int i = 0; i < datagrams; i++) {
		ssize_t n = recv(from->fd, in, sizeof(in), 0);
		*is_broken = n < 0 && errno != EAGAIN && errno != EINTR;
		if (n < 0)
			return NULL;
		struct slice reply = slice_new(in, (size_t)n);
		if (!dns_packet_answers(slice_new(asked, question.len), reply))
			continue;
		ldns_pkt *pkt = dns_packet_parse(reply);
		if (pkt != NULL)
			return pkt; /* else TCP will show whether it was damaged on the way */
	}
	return NULL;
}
