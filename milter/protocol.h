/* SPDX-License-Identifier: ISC */
/* protocol.h - the milter protocol, versions 2 to 6: the names of its octets, the reading of packets, the making of
 * them.  Pure: octets in, octets out.  connection.c is the filter's side of it, client*.c the MTA's.
 *
 * A packet is a length (32 bits, big-endian, of what follows it), an octet that says what it is, and data.  Strings
 * end with a NUL that is sent; what is read here borrows from the packet.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_MILTER_PROTOCOL_H
#define SIGNPOST_MILTER_PROTOCOL_H

#include "base/buf.h"
#include "base/ip.h"

#define SMFI_VERSION	      6
#define SMFI_VERSION_MIN      2
#define PROTOCOL_LEN_MAX      (1u << 20) /* of a packet; a header field may be longer than the usual 65535 */
#define PROTOCOL_CHUNK_MAX    65535u	 /* of a body, in one packet */
#define PROTOCOL_OPTIONS_LEN  12u
#define PROTOCOL_OPTIONS_PART 4u

/* What the MTA says. */
enum {
	SMFIC_ABORT = 'A',
	SMFIC_BODY = 'B',
	SMFIC_CONNECT = 'C',
	SMFIC_MACRO = 'D',
	SMFIC_BODYEOB = 'E', /* end of message; data is a last piece of body */
	SMFIC_HELO = 'H',
	SMFIC_QUIT_NC = 'K', /* quit, but another client follows on this connection */
	SMFIC_HEADER = 'L',
	SMFIC_MAIL = 'M',
	SMFIC_EOH = 'N',
	SMFIC_OPTNEG = 'O',
	SMFIC_QUIT = 'Q',
	SMFIC_RCPT = 'R',
	SMFIC_DATA = 'T',
	SMFIC_UNKNOWN = 'U'
};

/* What the filter answers. */
enum {
	SMFIR_ADDRCPT = '+',
	SMFIR_DELRCPT = '-',
	SMFIR_ADDRCPT_PAR = '2',
	SMFIR_SHUTDOWN = '4',
	SMFIR_ACCEPT = 'a',
	SMFIR_REPLBODY = 'b',
	SMFIR_CONTINUE = 'c',
	SMFIR_DISCARD = 'd',
	SMFIR_CHGFROM = 'e',
	SMFIR_ADDHEADER = 'h',
	SMFIR_INSHEADER = 'i',
	SMFIR_CHGHEADER = 'm',
	SMFIR_PROGRESS = 'p',
	SMFIR_QUARANTINE = 'q',
	SMFIR_REJECT = 'r',
	SMFIR_SKIP = 's',
	SMFIR_TEMPFAIL = 't',
	SMFIR_REPLYCODE = 'y'
};

/* What a filter may do to a message, and that it may ask for macros. */
enum { SMFIF_ADDHDRS = 0x1, SMFIF_SETSYMLIST = 0x100 };

/* What the MTA need not send (NO), need not wait for (NR), and how it writes header values. */
enum {
	SMFIP_NOCONNECT = 0x1,
	SMFIP_NOHELO = 0x2,
	SMFIP_NOMAIL = 0x4,
	SMFIP_NORCPT = 0x8,
	SMFIP_NOBODY = 0x10,
	SMFIP_NOHDRS = 0x20,
	SMFIP_NOEOH = 0x40,
	SMFIP_NR_HDR = 0x80,
	SMFIP_NOUNKNOWN = 0x100,
	SMFIP_NODATA = 0x200,
	SMFIP_NR_CONN = 0x1000,
	SMFIP_NR_HELO = 0x2000,
	SMFIP_NR_MAIL = 0x4000,
	SMFIP_NR_RCPT = 0x8000,
	SMFIP_NR_DATA = 0x10000,
	SMFIP_NR_EOH = 0x40000,
	SMFIP_NR_BODY = 0x80000,
	SMFIP_HDR_LEADSPC = 0x100000
};

/* Stages that a list of macros can be asked for. */
enum protocol_stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_EOM,
	STAGE_EOH,
	STAGE_COUNT
};

struct protocol_head {
	bool is_whole; /* false: more octets are needed */
	uint8_t command;
	size_t data_len;
};

#define PROTOCOL_HEAD_LEN 5 /* length and command */

struct protocol_options {
	uint32_t version, actions, steps;
};

struct protocol_peer {
	struct ip_addr addr; /* IP_NONE: a UNIX socket, unknown, or no address that we can read */
	uint16_t port;
};

/* Each reads the data of one command, all of it; ERR_INPUT for what is cut short or has a NUL too few. */
int protocol_head(struct slice in, struct protocol_head *, struct err *) MUST_CHECK;
int protocol_options(struct slice data, struct protocol_options *, struct err *) MUST_CHECK;
int protocol_connect(struct slice data, struct protocol_peer *, struct err *) MUST_CHECK;
int protocol_header(
    struct slice data, const char **name, const char **value, struct err *) MUST_CHECK;
/* *command: the one that they belong to; *pairs: for protocol_macro. */
int protocol_macros(
    struct slice data, uint8_t *command, struct slice *pairs, struct err *) MUST_CHECK;
/* The value of a macro, named without braces ("i" and "{i}" are one); NULL when it is not there. */
const char *protocol_macro(struct slice pairs, const char *name);
uint32_t protocol_u32(struct slice); /* big-endian; the slice has at least 4 octets */

/* A packet is put between begin and end; begin's result is end's argument. */
size_t protocol_begin(struct buf *, int command);
void protocol_put_u16(struct buf *, uint16_t);
void protocol_put_u32(struct buf *, uint32_t);
void protocol_put_string(struct buf *, struct slice); /* with the NUL that ends it */
void protocol_end(struct buf *, size_t at);
void protocol_plain(struct buf *, int command); /* without data */
/* The head of a packet whose data goes out from where it lies. */
void protocol_put_head(struct buf *, int command, size_t data_len);

#endif
