// Tests of a source over whole files: what it maps them to, compared with a file that is kept.
#pragma once

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "migration/codes.h"
#include "migration/sources/source.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"

namespace godwit::migration {

/// All that a source says, read to its end.
struct Reading {
    std::vector<v1::UserRecord> records;
    std::vector<RawRecord> raw;
    std::vector<Error> errors;                     ///< of records that could not be mapped, with their number before the message
    std::map<std::uint64_t, std::string> refused;  ///< source ids of those records by number, "" where none can be read
    std::vector<SourceWarning> warnings;           ///< known after the last record
    std::map<std::string, std::uint64_t> others;
    std::map<std::string, std::string> variables;
    std::pair<std::string, std::string> frame;
    std::string separator;

    const v1::UserRecord* find(std::string_view user_name) const {
        for (const auto& record : records)
            if (record.user_name() == user_name) return &record;
        return nullptr;
    }
    bool warns(std::string_view code) const {
        return std::ranges::any_of(warnings, [code](const SourceWarning& warning) { return warning.code == code; });
    }
};

inline Result<Reading> read_all(const SourceKind& kind, const SourceOptions& options) {
    auto source = TRY(kind.open(options));
    Reading out;
    RawRecord raw;
    while (TRY(source->next(raw))) {
        EXPECT_EQ(raw.number, out.records.size() + out.errors.size() + 1);
        auto record = source->map(raw);
        if (record) {
            EXPECT_EQ(record->origin().record(), raw.number);
            EXPECT_EQ(source->id_of(raw), record->source_id());
            for (const std::string& code : record->origin().codes()) EXPECT_NE(find_code(code), nullptr) << code;
            out.records.push_back(std::move(*record));
        } else {
            Error error = record.error();
            out.refused[raw.number] = source->id_of(raw);
            EXPECT_NE(find_code(error.id), nullptr) << error.id << ": " << error.message;
            error.message = std::to_string(raw.number) + ": " + error.message;
            out.errors.push_back(std::move(error));
        }
        out.raw.push_back(raw);
    }
    out.warnings = source->warnings();
    for (const auto& warning : out.warnings) EXPECT_NE(find_code(warning.code), nullptr) << warning.code;
    out.others = source->others();
    out.variables = source->variables();
    out.frame = source->frame();
    out.separator = source->separator();
    EXPECT_EQ(source->read_bytes(), source->total_bytes());
    return out;
}

/// Compares with `golden`, a line for each record (canonical, with its origin) and one for each error; GODWIT_WRITE_GOLDEN=1 writes it.
inline void expect_golden(const Reading& reading, const std::string& golden) {
    if (std::getenv("GODWIT_WRITE_GOLDEN") != nullptr) {
        std::ofstream file(golden);
        for (const auto& record : reading.records) file << *rpc::encode_json(record) << '\n';
        for (const auto& error : reading.errors) {
            JsonObject line;
            line.set("error", error.id);
            line.set("message", error.message);
            file << line.text() << '\n';
        }
    }
    std::ifstream file(golden);
    ASSERT_TRUE(file) << golden << " is not there; GODWIT_WRITE_GOLDEN=1 writes it";
    std::string line;
    std::size_t index = 0;
    for (; index < reading.records.size() && std::getline(file, line); ++index) {
        v1::UserRecord due;
        const auto decoded = rpc::decode_json(line, due);
        ASSERT_TRUE(decoded) << decoded.error().message;
        std::string difference;
        google::protobuf::util::MessageDifferencer differencer;
        differencer.ReportDifferencesToString(&difference);
        EXPECT_TRUE(differencer.Compare(due, reading.records[index])) << golden << ", line " << index + 1 << ":\n" << difference;
    }
    EXPECT_EQ(index, reading.records.size()) << golden << " has fewer records";
    for (const auto& error : reading.errors) {
        std::getline(file, line);
        EXPECT_NE(line.find(error.id), std::string::npos) << line << " is not " << error.id << ": " << error.message;
    }
    EXPECT_FALSE(std::getline(file, line)) << golden << " has more: " << line;
}

/// Writes the records back as a file of the source, and expects that to be read as the same records.
inline void expect_round_trip(const SourceKind& kind, const Reading& reading, SourceOptions options, const std::string& ending) {
    const std::string path = ::testing::TempDir() + "/round-trip-" + std::string(kind.name) + ending;
    {
        std::ofstream file(path);
        file << reading.frame.first;
        for (std::size_t i = 0; i < reading.raw.size(); ++i) file << (i == 0 ? "" : reading.separator) << reading.raw[i].bytes;
        file << reading.frame.second;
    }
    options.paths = {path};
    const auto again = read_all(kind, options);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->records.size(), reading.records.size());
    for (std::size_t i = 0; i < reading.records.size(); ++i)
        EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(again->records[i], reading.records[i]))
            << again->records[i].DebugString() << "\nis not\n"
            << reading.records[i].DebugString();
    std::filesystem::remove(path);
}

}  // namespace godwit::migration
