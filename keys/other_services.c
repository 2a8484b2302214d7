/* SPDX-License-Identifier: ISC */
#include "keys/other_services.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct other_service OTHER_SERVICES[] = {
    {"google", "Google Workspace"},
    {"selector1", "Microsoft 365"},
    {"selector2", "Microsoft 365"},
    {"k1", "Mailchimp or Mailgun"},
    {"k2", "Mailchimp"},
    {"k3", "Mailchimp"},
    {"s1", "SendGrid"},
    {"s2", "SendGrid"},
    {"smtpapi", "SendGrid"},
    {"mandrill", "Mailchimp Transactional"},
    {"mte1", "Mailchimp Transactional"},
    {"mte2", "Mailchimp Transactional"},
    {"zoho", "Zoho"},
    {"zmail", "Zoho"},
    {"zohomail", "Zoho"},
    {"pm", "Postmark"},
    {"fm1", "Fastmail"},
    {"fm2", "Fastmail"},
    {"fm3", "Fastmail"},
    {"mesmtp", "Fastmail"},
    {"protonmail", "Proton Mail"},
    {"protonmail2", "Proton Mail"},
    {"protonmail3", "Proton Mail"},
    {"krs", "Mailgun"},
    {"mx", "Mailgun"},
    {"smtp", "Mailgun"},
    {"pic", "Mailgun"},
    {"mailo", "Mailgun"},
    {"mailjet", "Mailjet"},
    {"brevo1", "Brevo"},
    {"brevo2", "Brevo"},
    {"mail", NULL},
    {"zendesk1", "Zendesk"},
    {"zendesk2", "Zendesk"},
    {"sig1", "iCloud Mail"},
    {"resend", "Resend"},
    {"kl", "Klaviyo"},
    {"kl2", "Klaviyo"},
    {"ctct1", "Constant Contact"},
    {"ctct2", "Constant Contact"},
    {"cm", "Campaign Monitor"},
    {"litesrv", "MailerLite"},
    {"titan1", "Titan"},
    {"titan2", "Titan"},
    {"hostingermail-a", "Hostinger"},
    {"hostingermail-b", "Hostinger"},
    {"hostingermail-c", "Hostinger"},
    {"mailru", "Mail.ru"},
    {"default", NULL},
    {"dkim", NULL},
    {"email", NULL},
    {"key1", NULL},
    {"key2", NULL},
    {"x", NULL},
    {"s1024", NULL},
    {"s2048", NULL},
};

const size_t OTHER_SERVICE_COUNT = COUNT(OTHER_SERVICES);

static const struct dns_provider providers[] = {
    {".awsdns-", "Amazon Route 53", "route53"},
    {".ns.cloudflare.com", "Cloudflare", "cloudflare"},
    {".domaincontrol.com", "GoDaddy", NULL},
    {".registrar-servers.com", "Namecheap", NULL},
    {".googledomains.com", "Google Cloud DNS", "zone"},
    {".azure-dns.", "Azure DNS", "zone"},
    {".digitalocean.com", "DigitalOcean", NULL},
    {".ovh.net", "OVHcloud", "zone"},
    {".gandi.net", "Gandi", "zone"},
    {".ui-dns.", "IONOS", NULL},
    {".your-server.de", "Hetzner", "zone"},
    {".hetzner.com", "Hetzner", "zone"},
    {".hetzner.de", "Hetzner", "zone"},
    {".second-ns.", "Hetzner", "zone"},
    {".inwx.", "INWX", NULL},
    {".dnsimple.com", "DNSimple", "zone"},
    {".nsone.net", "NS1", "zone"},
    {".linode.com", "Linode", NULL},
    {".he.net", "Hurricane Electric", NULL},
};

const struct dns_provider *
dns_provider_of(const char *server)
{
	for (size_t i = 0; i < COUNT(providers); i++) {
		if (strstr(server, providers[i].part) != NULL)
			return &providers[i];
	}
	return NULL;
}
