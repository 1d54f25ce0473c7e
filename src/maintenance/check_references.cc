// References and secrets: what points to a row finds it; what is secret has its owner and its key.
#include <set>

#include "base/text.h"
#include "maintenance/doctor.h"
#include "maintenance/pages.h"
#include "maintenance/references.h"
#include "maintenance/schema_text.h"

namespace godwit::maintenance {
namespace {

using store::Database;
using store::Reader;
using store::Row;

constexpr Database kBoth[] = {Database::directory, Database::runtime};

Result<void> check_reference(Reader& db, const Reference& reference, Check& check) {
    std::string sql = "SELECT instance_no, " + std::string(reference.column) + ", COUNT(*) FROM " + std::string(reference.table) +
                      " c WHERE " + std::string(reference.column) + " <> 0";
    if (!reference.when.empty()) sql += " AND " + std::string(reference.when);
    for (const auto parent : split_words(reference.parents)) {
        sql += " AND NOT EXISTS (SELECT 1 FROM " + std::string(parent) + " p WHERE p.instance_no = c.instance_no AND p.id = c." +
               std::string(reference.column) + ")";
    }
    sql += " GROUP BY instance_no, " + std::string(reference.column) + " LIMIT 100";
    check.looked_at(1);
    TRY(db.system_query(sql, {}, [&](const Row& row) {
        check.add(std::string(name_of(reference.database)) + "." + std::string(reference.table),
                  std::to_string(row.i64(2)) + " rows of instance " + std::to_string(row.i64(0)) + " have " +
                      std::string(reference.column) + " " + std::to_string(row.i64(1)) + ", which is not in " +
                      std::string(reference.parents));
    }));
    return {};
}

Result<void> check_references_of(store::Inspection& inspection, bool secret, Check& check) {
    for (const Database database : kBoth) {
        TRY(inspection.read(database, [&](Reader& db) -> Result<void> {
            for (const Reference& reference : references()) {
                if (reference.database == database && reference.secret == secret) TRY(check_reference(db, reference, check));
            }
            return {};
        }));
    }
    return {};
}

/// Every table's rows belong to an instance. 0 is the system.
Result<void> check_instances(Reader& db, Check& check) {
    for (const Table& table : schema_text(Database::directory).tables) {
        if (table.name == "instances" || table.columns.empty() || table.columns.front().name != "instance_no") continue;
        check.looked_at(1);
        TRY(db.system_query("SELECT instance_no, COUNT(*) FROM " + table.name +
                                " c WHERE instance_no <> 0 AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.instance_no = "
                                "c.instance_no) GROUP BY instance_no",
                            {}, [&](const Row& row) {
                                check.add("directory." + table.name, std::to_string(row.i64(1)) + " rows of instance " +
                                                                         std::to_string(row.i64(0)) + ", which does not exist");
                            }));
    }
    return {};
}

using KeyOfInstance = std::pair<std::int64_t, std::string>;  ///< instance_no, the four bytes that lead a sealed value

std::string bytes_of(std::int64_t key_no) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(key_no >> shift & 0xFF);
    return out;
}

Result<std::set<KeyOfInstance>> data_keys(Reader& db, Check& check) {
    std::set<KeyOfInstance> keys;
    TRY(db.system_query("SELECT instance_no, key_no FROM data_keys", {},
                        [&](const Row& row) { keys.emplace(row.i64(0), bytes_of(row.i64(1))); }));
    const auto complain = [&](std::string_view what) {
        return [&check, what](const Row& row) {
            check.add("directory.data_keys", std::string(what) + " (instance " + std::to_string(row.i64(0)) + ")");
        };
    };
    TRY(
        db.system_query("SELECT instance_no FROM instances i WHERE NOT EXISTS (SELECT 1 FROM data_keys k WHERE k.instance_no = "
                        "i.instance_no AND k.state = 1)",
                        {}, complain("no data key is active: nothing of this instance can be sealed")));
    TRY(db.system_query("SELECT instance_no FROM data_keys WHERE state = 1 GROUP BY instance_no HAVING COUNT(*) > 1", {},
                        complain("more than one data key is active")));
    std::int64_t masters = 0;
    TRY(db.system_query("SELECT COUNT(DISTINCT master_key_id) FROM data_keys", {}, [&](const Row& row) { masters = row.i64(0); }));
    if (masters > 1) check.add("directory.data_keys", "the data keys are wrapped by " + std::to_string(masters) + " master keys");
    return keys;
}

}  // namespace

Result<void> check_references(store::Inspection& inspection, Check& check) {
    TRY(check_references_of(inspection, false, check));
    return inspection.read(Database::directory, [&](Reader& db) { return check_instances(db, check); });
}

Result<void> check_secrets(store::Inspection& inspection, Check& check) {
    TRY(check_references_of(inspection, true, check));
    return inspection.read(Database::directory, [&](Reader& db) -> Result<void> {
        const auto keys = TRY(data_keys(db, check));
        for (const Table& table : schema_text(Database::directory).tables) {
            for (const Column& column : table.columns) {
                if (!column.sealed) continue;
                const std::string head = "substr(" + column.name + ", 1, 4)";
                // Every sealed value begins with the number of its data key (crypto/sealer.h).
                TRY(db.system_query("SELECT instance_no, " + head + ", COUNT(*) FROM " + table.name + " WHERE " + column.name +
                                        " IS NOT NULL GROUP BY instance_no, " + head,
                                    {}, [&](const Row& row) {
                                        check.looked_at(row.i64(2));
                                        if (keys.contains({row.i64(0), std::string(row.blob(1))})) return;
                                        check.add("directory." + table.name + "." + column.name,
                                                  std::to_string(row.i64(2)) + " values of instance " + std::to_string(row.i64(0)) +
                                                      " are sealed with a data key that is gone: they cannot be opened any more");
                                    }));
            }
        }
        return {};
    });
}

}  // namespace godwit::maintenance
