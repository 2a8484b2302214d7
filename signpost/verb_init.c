/* SPDX-License-Identifier: ISC */
/* verb_init.c - makes what is missing of: signpost.conf, the store's directory, its database, an
 * empty signing table.  What is there stays as it is, so an init that was cut off is repeated. */
#include "base/file.h"
#include "keys/store.h"
#include "signpost/config.h"
#include "signpost/postfix.h"
#include "signpost/privileges.h"
#include "signpost/rules.h"
#include "signpost/status_file.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_DEFAULT  "signpost"
#define GROUP_DEFAULT "signpost-milter"
#define STORE_MODE    02750
#define CONF_MODE     0644
#define CONF_TEXT_MAX 65536
#define PATH_LEN      4096

struct owner {
	uid_t uid;
	gid_t gid;
};

#define NEW_USER "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "

/* Both at once, so that one look at the text is enough.  useradd makes the group of the same name with the user that
 * signpost-milter runs as. */
static int
find_names(const char *user, const char *group, struct owner *owner, struct err *err)
{
	const struct passwd *pw = user == NULL ? NULL : getpwnam(user);
	const struct group *gr = group == NULL ? NULL : getgrnam(group);
	bool no_user = user != NULL && pw == NULL, no_group = group != NULL && gr == NULL;

	if (pw != NULL)
		owner->uid = pw->pw_uid;
	if (gr != NULL)
		owner->gid = gr->gr_gid;
	if (no_user && no_group)
		return err_set(err, ERR_CONFIG,
		    "there is no user %.64s to own the store and no group %.64s to read the keys; "
		    "make them, "
		    "or name others with --user and --group: " NEW_USER "%.64s; " NEW_USER "%.64s",
		    user, group, user, group);
	if (no_user)
		return err_set(err, ERR_CONFIG,
		    "there is no user %.64s to own the store; make it, or name another with "
		    "--user: " NEW_USER "%.64s",
		    user, user);
	if (no_group)
		return err_set(err, ERR_CONFIG,
		    "there is no group %.64s to read the keys; make it with its user, or name "
		    "another with "
		    "--group: " NEW_USER "%.64s",
		    group, group);
	return 0;
}

/* Without root the store is ours, whoever we are. */
static int
find_owner(const struct cli *cli, struct owner *owner, struct err *err)
{
	const char *user = cli_value(cli, "user"), *group = cli_value(cli, "group");

	*owner = (struct owner){geteuid(), getegid()};
	if (privileges_is_root()) {
		user = user == NULL ? USER_DEFAULT : user;
		group = group == NULL ? GROUP_DEFAULT : group;
	}
	if (find_names(user, group, owner, err) != 0)
		return -1;
	if (!privileges_is_root() && owner->uid != geteuid())
		return err_set(err, ERR_USAGE, "only root can make a store for another user");
	return 0;
}

static void
put_conf(const struct cli *cli, const struct postfix_facts *postfix, struct buf *out)
{
	const char *example = postfix->origin[0] == '\0' ? "example.com" : postfix->origin;

	buf_put_str(out, "# signpost.conf: everything has a default; see signpost.conf(5) and "
			 "`signpost config --all`.\n"
			 "# One option a line.\n");
	if (strcmp(cli->store_dir, cli->config->store) != 0)
		buf_printf(out, "store = \"%s\"\n", cli->store_dir);
	buf_put_str(out, "sign {\n"
			 "    authenticated = matching        # alice@example.com signs for "
			 "example.com; or: any\n\n");
	if (postfix->origin[0] != '\0')
		buf_printf(out,
		    "    # sendmail(1) on this host: any local user may sign for Postfix's own "
		    "origin (myorigin).\n"
		    "    local_submission { domains = {\"%s\"} }\n\n",
		    postfix->origin);
	else
		buf_printf(out,
		    "    # sendmail(1) on this host; Postfix's origin is not known, so nothing is "
		    "granted yet.\n"
		    "    # local_submission { domains = {\"%s\"} }\n\n",
		    example);
	if (postfix->networks.len > 0) {
		struct slice networks = slice_trim(buf_slice(&postfix->networks));
		buf_put_str(out, "    # Postfix relays for (mynetworks): ");
		/* a control byte would end the comment */
		for (size_t i = 0; i < networks.len && networks.len < 2048; i++)
			buf_put_byte(out, ascii_is_print(networks.ptr[i]) && networks.ptr[i] != '$'
					      ? networks.ptr[i]
					      : ' ');
		buf_put_str(out, "\n    # Being relayed for is not being allowed to sign. Name "
				 "those that may, and for what:\n");
	}
	buf_printf(out, "    # network \"192.0.2.0/24\" { domains = {\"%s\"} }\n", example);
	buf_put_str(out,
	    "}\n\n"
	    "# Who is told when a domain is verified, when something goes wrong, and when "
	    "it is right again:\n"
	    "# notify { mail = \"postmaster\" }\n");
}

static int
make_parent(const char *path, struct err *err)
{
	char dir[PATH_LEN];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (mkdir(dir, 0755) != 0)
		return errno == EEXIST ? 0 : err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	/* our umask took away what the keeper needs */
	return chmod(dir, 0755) == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
}

static int
make_conf(const struct cli *cli, struct err *err)
{
	struct postfix_facts postfix;
	struct config *check = NULL;
	struct buf text;

	if (access(cli->config_path, F_OK) == 0) {
		printf("%s is there already, and stays as it is.\n", cli->config_path);
		return 0;
	}
	postfix_facts_init(&postfix);
	buf_init(&text, CONF_TEXT_MAX);
	put_conf(cli, &postfix, &text);
	int rc = buf_check(&text, "signpost.conf", err);
	if (rc == 0)
		rc = config_parse(buf_slice(&text), cli->config_path, &check, err);
	if (rc == 0)
		rc = make_parent(cli->config_path, err);
	if (rc == 0)
		rc = file_create(cli->config_path, buf_slice(&text), CONF_MODE, err);
	if (rc == 0)
		printf("%s made%s.\n", cli->config_path,
		    postfix.origin[0] != '\0' ? ", with what Postfix says of itself; please read it"
					      : "; please read it");
	config_free(check);
	buf_deinit(&text);
	postfix_facts_deinit(&postfix);
	return rc;
}

static int
take_dir(int fd, const char *dir, const struct owner *owner, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	/* The mode tells a directory that init has finished from one that it has just made; one
	 * of somebody else (/, /etc) must not be given away. */
	if (st.st_uid == owner->uid && (st.st_mode & 07777) == STORE_MODE)
		return 0;
	if ((st.st_mode & 07777) != 0700 || (st.st_uid != geteuid() && st.st_uid != owner->uid))
		return err_set(err, ERR_IO,
		    "%s is there, with mode %04o, and was not made by init; take a directory that "
		    "does not exist",
		    dir, (unsigned)st.st_mode & 07777);
	if (fchown(fd, owner->uid, owner->gid) != 0 || fchmod(fd, STORE_MODE) != 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	return 0;
}

/* What is given away is given by its descriptor: the parent may be somebody's who puts a link in its place. */
static int
open_dir(const char *dir)
{
	return open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
make_dir(const char *dir, const struct owner *owner, struct err *err)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	int fd = open_dir(dir);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	int rc = take_dir(fd, dir, owner, err);
	close(fd);
	return rc;
}

/* Gives away what we made, or what was left when we were cut off: 0700, and ours.  What is there otherwise stays. */
static int
give_status_dir(int fd, const char *dir, const struct owner *owner, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	if ((st.st_mode & 07777) != 0700 || st.st_uid != geteuid())
		return 0;
	if (fchown(fd, owner->uid, owner->gid) != 0 || fchmod(fd, STATUS_DIR_MODE) != 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	return 0;
}

/* For the status file: everybody may look into it, and only the keeper writes there. */
static int
make_status_dir(const struct cli *cli, const struct owner *owner, struct err *err)
{
	char *path =
	    cli->config->status_file == NULL ? status_file_path(cli->config, cli->store_dir) : NULL;
	char *slash = path == NULL ? NULL : strrchr(path, '/');
	int rc = 0;

	if (slash != NULL) {
		*slash = '\0';
		bool made = mkdir(path, 0700) == 0;
		/* an admin's link stays, too; one that takes the place of ours is not followed */
		bool there = made || errno == EEXIST;
		int fd = there ? open_dir(path) : -1;
		if (fd >= 0)
			rc = give_status_dir(fd, path, owner, err);
		else if (made || !there || (errno != ELOOP && errno != ENOTDIR && errno != EACCES))
			rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	free(path);
	return rc;
}

static int
make_table(const struct cli *cli, struct err *err)
{
	struct config *config = NULL;
	struct store *store = NULL;
	struct rules rules = {.allows = NULL};
	enum compile_change change;
	int lock = -1;

	int rc = config_load(cli->config_path, &config, err);
	if (rc == 0)
		rc = rules_init(&rules, config, cli->store_dir, err);
	if (rc == 0)
		rc = store_open(cli->store_dir, STORE_WAIT_MS, &store, err);
	if (rc == 0)
		lock = store_lock(cli->store_dir, STORE_LOCK_PASS, STORE_WAIT_MS, err);
	if (rc == 0 && lock < 0)
		rc = -1;
	if (rc == 0)
		rc = compile_update(store, &rules.compile, cli->now, &change, err);
	if (lock >= 0)
		close(lock);
	store_close(store);
	rules_deinit(&rules);
	config_free(config);
	return rc;
}

static int
make_store(const struct cli *cli, const struct owner *owner, struct err *err)
{
	if (privileges_become(owner->uid, owner->gid, err) != 0)
		return -1;
	if (store_create(cli->store_dir, cli->now, err) == 0) {
		printf("%s made.\n", cli->store_dir);
	} else if (err->kind == ERR_BUSY) {
		printf("%s is a store already, and stays as it is.\n", cli->store_dir);
	} else {
		return -1;
	}
	return make_table(cli, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	struct owner owner;

	if (cli->store_dir[0] != '/')
		return err_set(err, ERR_USAGE, "--store %.80s: want a path that begins with /",
		    cli->store_dir);
	if (find_owner(cli, &owner, err) != 0 || make_dir(cli->store_dir, &owner, err) != 0 ||
	    make_conf(cli, err) != 0 || make_status_dir(cli, &owner, err) != 0 ||
	    make_store(cli, &owner, err) != 0)
		return -1;
	printf("Next: signpost add DOMAIN, and signpost tick every minute, from a timer.\n");
	return EXIT_OK;
}

static const struct verb_option options[] = {
    {"user", "NAME", "the user who keeps the keys; default: " USER_DEFAULT},
    {"group", "NAME", "the group that reads them, the milter's; default: " GROUP_DEFAULT},
    {NULL, NULL, NULL},
};

const struct verb verb_init = {"init", "", options, 0, 0, VERB_AS_IS, false,
    "Make the store, a first signpost.conf from Postfix's settings, and an empty signing table",
    run};
