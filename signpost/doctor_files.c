/* SPDX-License-Identifier: ISC */
/* doctor_files.c - owners and modes: who may read a key, and who must. */
#include "signpost/doctor.h"
#include "signpost/privileges.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define MODE_LEN   8
#define NUMBER_LEN 32
#define ROOM_BYTES 1000000
#define ROOM_FILES 16

static const char *
mode_text(mode_t mode, char out[static MODE_LEN])
{
	(void)snprintf(out, MODE_LEN, "%04o", (unsigned)(mode & 07777));
	return out;
}

static const char *
wanted_mode(enum doctor_file_kind kind)
{
	static const char *const MODES[] = {
	    [DOCTOR_STORE] = "2750", [DOCTOR_SECRET] = "0600", [DOCTOR_SHARED] = "0640"};

	return MODES[kind];
}

/* smtpd and cleanup drop all groups but their own. */
static bool
postfix_may_write(const struct doctor_host *h, const struct doctor_file *f)
{
	if (f->uid == h->postfix_uid)
		return (f->mode & S_IWUSR) != 0;
	if (f->gid == h->postfix_gid)
		return (f->mode & S_IWGRP) != 0;
	return (f->mode & S_IWOTH) != 0;
}

static void
judge_socket(const struct doctor_host *h, const struct doctor_file *f, struct doctor_findings *out)
{
	char mode[MODE_LEN], group[FILE_GROUP_LEN];

	if (!f->there) {
		DOCTOR_TELL(out, DOCTOR_SOCKET_UNKNOWN, NULL, f->path,
		    f->why[0] == '\0' ? "it is not there" : f->why);
		return;
	}
	if (f->mode & S_IWOTH)
		DOCTOR_TELL(out, DOCTOR_SOCKET_OPEN, NULL, f->path, mode_text(f->mode, mode));
	if (h->postfix_known && !postfix_may_write(h, f))
		DOCTOR_TELL(out, DOCTOR_SOCKET_CLOSED, NULL, h->postfix_user, f->path,
		    mode_text(f->mode, mode), file_group_name(f->gid, group));
}

static void
judge_mode(const struct doctor_file *f, struct doctor_findings *out)
{
	const char *want = wanted_mode(f->kind);
	char mode[MODE_LEN];
	struct err ignored = ERR_INIT; /* it has the same words */

	(void)mode_text(f->mode, mode);
	if (f->kind == DOCTOR_STORE && privileges_judge_store(f->path, f->mode, &ignored) != 0)
		DOCTOR_TELL(out, DOCTOR_STORE_WRITABLE, NULL, f->path, mode, want);
	else if ((f->mode & S_IWOTH) != 0)
		DOCTOR_TELL(out, DOCTOR_FILE_WRITABLE, NULL, f->path, mode, want);
	else if ((f->mode & S_IRWXO) != 0 || (f->kind == DOCTOR_SECRET && (f->mode & S_IRWXG) != 0))
		DOCTOR_TELL(out, DOCTOR_FILE_OPEN, NULL, f->path, mode, want);
	else if ((f->mode & S_IWGRP) != 0)
		DOCTOR_TELL(out, DOCTOR_FILE_WRITABLE, NULL, f->path, mode, want);
	else if (f->kind != DOCTOR_SECRET && (f->mode & S_IRGRP) == 0)
		DOCTOR_TELL(out, DOCTOR_FILE_CLOSED, NULL, f->path, mode, want);
}

/* Root may own it, and let the keeper's group read it. */
static void
judge_secret(const struct doctor_host *h, const struct doctor_file *f, struct doctor_findings *out)
{
	char mode[MODE_LEN], keeper[PRIVILEGES_NAME_LEN];

	if (!f->there && f->why[0] == '\0') {
		DOCTOR_TELL(out, DOCTOR_SECRET_GONE, NULL, f->path, f->publisher);
		return;
	}
	if (f->there && (f->mode & S_IRWXO) != 0)
		DOCTOR_TELL(
		    out, DOCTOR_SECRET_OPEN, NULL, f->path, f->publisher, mode_text(f->mode, mode));
	else if (!f->there || f->closed)
		DOCTOR_TELL(out, DOCTOR_SECRET_CLOSED, NULL, f->path, f->publisher,
		    f->there ? mode_text(f->mode, mode) : f->why,
		    privileges_user_name(h->keeper, keeper));
}

static void
judge_file(const struct doctor_host *h, const struct doctor_file *f, struct doctor_findings *out)
{
	char has[PRIVILEGES_NAME_LEN], wants[PRIVILEGES_NAME_LEN];

	if (f->kind == DOCTOR_SOCKET) {
		judge_socket(h, f, out);
		return;
	}
	if (f->kind == DOCTOR_FOREIGN_SECRET) {
		judge_secret(h, f, out);
		return;
	}
	if (!f->there) {
		DOCTOR_TELL(out, DOCTOR_FILE_GONE, NULL, f->path);
		return;
	}
	judge_mode(f, out);
	if (f->uid != h->keeper)
		DOCTOR_TELL(out, DOCTOR_FILE_OWNER, NULL, f->path,
		    privileges_user_name(f->uid, has), privileges_user_name(h->keeper, wants));
	if (f->kind == DOCTOR_SHARED && f->gid != h->milter)
		DOCTOR_TELL(out, DOCTOR_FILE_GROUP, NULL, f->path, file_group_name(f->gid, has),
		    file_group_name(h->milter, wants));
}

/* A pass writes the database, its log, the table and a key or two. */
static void
judge_room(const struct doctor_facts *facts, struct doctor_findings *out)
{
	const struct doctor_room *r = &facts->room;
	char kilobytes[NUMBER_LEN], files[NUMBER_LEN] = "files are not counted";

	if (!r->known || (r->bytes >= ROOM_BYTES && (!r->files_known || r->files >= ROOM_FILES)))
		return;
	(void)snprintf(kilobytes, sizeof(kilobytes), "%" PRIu64, r->bytes / 1024);
	if (r->files_known)
		(void)snprintf(files, sizeof(files), "%" PRIu64 " files", r->files);
	DOCTOR_TELL(out, DOCTOR_DISK_FULL, NULL, facts->files[0].path, kilobytes, files);
}

/* Is there a socket, and could it be looked at? */
static bool
saw_socket(const struct doctor_facts *facts)
{
	bool seen = false;

	for (size_t i = 0; i < facts->file_count; i++) {
		const struct doctor_file *f = &facts->files[i];
		if (f->kind == DOCTOR_SOCKET && !f->there)
			return false;
		seen = seen || f->kind == DOCTOR_SOCKET;
	}
	return seen;
}

void
doctor_judge_files(const struct doctor_facts *facts, struct doctor_findings *out)
{
	size_t before = out->count;

	for (size_t i = 0; i < facts->file_count; i++)
		judge_file(&facts->host, &facts->files[i], out);
	for (size_t i = 0; i < facts->keys_wrong_count; i++)
		DOCTOR_TELL(out, DOCTOR_KEY_WRONG, NULL, facts->keys_wrong[i]);
	judge_room(facts, out);
	for (size_t i = before; i < out->count; i++) {
		if (DOCTOR_SENTENCES[out->list[i].say].level > DOCTOR_NOTE)
			return;
	}
	DOCTOR_TELL(
	    out, DOCTOR_FILES_GOOD, NULL, saw_socket(facts) ? ", keys and socket" : " and keys");
}
