#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# judge.pl - Mail::DKIM as a long-running verifier.  usage: judge.pl ADDRESS PORT [RECURSE]
# A path a line on stdin; for each, a line "domain TAB selector TAB algorithm TAB result" per signature, then ".".
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my ($address, $port, $recurse) = @ARGV;
my $resolver = Net::DNS::Resolver->new(
	nameservers => [$address], port => $port, recurse => $recurse // 1, udp_timeout => 5, retry => 2, udppacketsize => 4096);
Mail::DKIM::DNS::resolver($resolver);
$| = 1;

while (my $path = <STDIN>) {
	chomp $path;
	my $verifier = Mail::DKIM::Verifier->new();
	my $done = eval {
		open my $in, '<:raw', $path or die "$path: $!\n";
		local $/ = \65536;
		$verifier->PRINT($_) while <$in>;
		close $in;
		$verifier->CLOSE;
		1;
	};
	my $why = $@;
	$why =~ s/[\r\n\t]+/ /g;
	print "-\t-\t-\tdied: $why\n" unless $done;
	if ($done) {
		for my $signature ($verifier->signatures) {
			my $detail = $signature->result_detail // 'no result';
			$detail =~ s/[\r\n\t]+/ /g;
			print join("\t", map { $_ // '-' } $signature->domain, $signature->selector,
				$signature->algorithm, $detail), "\n";
		}
	}
	print ".\n";
}
