#include "credentials/password/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "credentials/password/scheme.h"

namespace godwit::password {
namespace {

struct HashInfo {
    std::string_view name;
    const char* openssl;
    std::size_t size;
    std::size_t block;
};

constexpr std::array<HashInfo, 7> kHashes{{{"md4", nullptr, 16, 64},
                                           {"md5", "MD5", 16, 64},
                                           {"sha1", "SHA1", 20, 64},
                                           {"sha224", "SHA2-224", 28, 64},
                                           {"sha256", "SHA2-256", 32, 64},
                                           {"sha384", "SHA2-384", 48, 128},
                                           {"sha512", "SHA2-512", 64, 128}}};

const HashInfo& info(Hash hash) { return kHashes[static_cast<std::size_t>(hash)]; }

// Fetched once: an implicit fetch per digest costs more than a short digest itself.
const EVP_MD* fetched(Hash hash) {
    static const std::array<EVP_MD*, kHashes.size()> all = [] {
        std::array<EVP_MD*, kHashes.size()> out{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (kHashes[i].openssl != nullptr) out[i] = EVP_MD_fetch(nullptr, kHashes[i].openssl, nullptr);
        }
        return out;
    }();
    return all[static_cast<std::size_t>(hash)];
}

// RFC 1320 section 3.4: one round's auxiliary function, its order of words and its shifts.
struct Md4Round {
    std::uint32_t (*mix)(std::uint32_t, std::uint32_t, std::uint32_t);
    std::uint32_t constant;
    std::array<int, 16> words;
    std::array<int, 4> shifts;
};

const std::array<Md4Round, 3> kMd4Rounds{{
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (~x & z); },
     0,
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     {3, 7, 11, 19}},
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (x & z) | (y & z); },
     0x5A827999,
     {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
     {3, 5, 9, 13}},
    {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return x ^ y ^ z; },
     0x6ED9EBA1,
     {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15},
     {3, 9, 11, 15}},
}};

void md4_block(std::array<std::uint32_t, 4>& state, const std::array<std::uint32_t, 16>& words) {
    std::array<std::uint32_t, 4> s = state;
    for (const Md4Round& round : kMd4Rounds) {
        for (std::size_t i = 0; i < 16; ++i) {
            // The roles of a, b, c, d move by one register a step: a is register (16 - i) mod 4.
            const std::size_t a = (16 - i) % 4;
            const std::uint32_t mixed = round.mix(s[(a + 1) % 4], s[(a + 2) % 4], s[(a + 3) % 4]);
            s[a] = std::rotl(s[a] + mixed + words[static_cast<std::size_t>(round.words[i])] + round.constant, round.shifts[i % 4]);
        }
    }
    for (std::size_t i = 0; i < 4; ++i) state[i] += s[i];
}

}  // namespace

std::optional<Hash> find_hash(std::string_view name) {
    const std::string wanted = normalised_name(name);
    for (std::size_t i = 0; i < kHashes.size(); ++i) {
        if (kHashes[i].name == wanted) return static_cast<Hash>(i);
    }
    return std::nullopt;
}

std::string_view hash_name(Hash hash) { return info(hash).name; }
std::size_t hash_size(Hash hash) { return info(hash).size; }

struct Digester::Impl {
    Hash hash;
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    explicit Impl(Hash h) : hash(h) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { EVP_MD_CTX_free(context); }
};

Digester::Digester(Hash hash) : impl_(std::make_unique<Impl>(hash)) {}
Digester::~Digester() = default;

std::string Digester::operator()(std::initializer_list<std::string_view> parts) {
    if (impl_->hash == Hash::md4) {
        std::string joined;
        for (const auto part : parts) joined += part;
        return md4(joined);
    }
    std::string out(hash_size(impl_->hash), '\0');
    bool good = EVP_DigestInit_ex2(impl_->context, fetched(impl_->hash), nullptr) == 1;
    for (const auto part : parts) good = good && EVP_DigestUpdate(impl_->context, part.data(), part.size()) == 1;
    good = good && EVP_DigestFinal_ex(impl_->context, reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1;
    if (!good) std::abort();  // the default provider has all of them: without it nothing here can be right
    return out;
}

std::string digest(Hash hash, std::initializer_list<std::string_view> parts) { return Digester(hash)(parts); }

std::string hmac(Hash hash, std::string_view key, std::string_view message) {
    Digester run(hash);
    std::string block(key.size() > info(hash).block ? run({key}) : std::string(key));
    block.resize(info(hash).block, '\0');
    std::string inner = block;
    std::string outer = block;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
    return run({outer, run({inner, message})});
}

std::string md4(std::string_view message) {
    // RFC 1320 sections 3.1, 3.2: one bit, zeros, the length in bits; all little-endian.
    std::string padded(message);
    padded += '\x80';
    while (padded.size() % 64 != 56) padded += '\0';
    const std::uint64_t bits = std::uint64_t{message.size()} * 8;
    for (int i = 0; i < 8; ++i) padded += static_cast<char>((bits >> (8 * i)) & 0xFF);

    std::array<std::uint32_t, 4> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    for (std::size_t start = 0; start < padded.size(); start += 64) {
        std::array<std::uint32_t, 16> words{};
        for (std::size_t i = 0; i < 64; ++i) words[i / 4] |= std::uint32_t{static_cast<unsigned char>(padded[start + i])} << (8 * (i % 4));
        md4_block(state, words);
    }
    std::string out;
    for (const std::uint32_t word : state) {
        for (int i = 0; i < 4; ++i) out += static_cast<char>((word >> (8 * i)) & 0xFF);
    }
    return out;
}

std::string aes256_ctr(std::string_view key, std::string_view plaintext) {
    const unsigned char iv[16] = {};
    std::string out(plaintext.size(), '\0');
    EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
    int written = 0;
    const bool good =
        key.size() == 32 &&
        EVP_EncryptInit_ex2(context, EVP_aes_256_ctr(), reinterpret_cast<const unsigned char*>(key.data()), iv, nullptr) == 1 &&
        EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &written,
                          reinterpret_cast<const unsigned char*>(plaintext.data()), static_cast<int>(plaintext.size())) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!good) std::abort();
    return out;
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) std::abort();
    return out;
}

}  // namespace godwit::password
