#include "app/core/jobs/storage_job_store.h"

#include "app/core/json_entries.h"
#include "base/log.h"

namespace sotto::app {
namespace {

constexpr const char* kKey = "jobs.open";

// A text that a newer or broken program left never keeps this one from starting.
std::vector<JobRecord> recordsOf(const std::string& text) {
    std::vector<JobRecord> records;
    const nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
    if (!list.is_array()) return records;
    for (const nlohmann::json& entry : list) {
        if (!entry.is_object()) continue;
        JobRecord record{textField(entry, "kind"), textField(entry, "parameters"),
                         entry.value("isPaused", nlohmann::json()) == true};
        if (!record.kind.empty()) records.push_back(std::move(record));
    }
    return records;
}

std::string jsonOf(const std::vector<JobRecord>& records) {
    nlohmann::json list = nlohmann::json::array();
    for (const JobRecord& record : records)
        list.push_back({{"kind", record.kind},
                        {"parameters", record.parametersJson},
                        {"isPaused", record.isPaused}});
    // Parameters come from kinds of ours; a byte that is no UTF-8 must not throw here.
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Result<std::vector<JobRecord>> StorageJobStore::load() {
    SOTTO_ASSIGN(const std::optional<std::string> text,
                 m_storage.call(
                     [](storage::Database& database) { return database.settings().value(kKey); }));
    return text ? recordsOf(*text) : std::vector<JobRecord>{};
}

void StorageJobStore::save(std::vector<JobRecord> records) {
    // Nobody waits for it, and the next change writes the whole list again. A disk that refuses
    // writes is told by what a person did at the same time.
    m_storage.submit(
        [records = std::move(records)](storage::Database& database) {
            return records.empty() ? database.settings().remove(kKey)
                                   : database.settings().set(kKey, jsonOf(records));
        },
        [](const Status& status) {
            if (!status) logMessage(LogLevel::Warning, "Open jobs: " + status.error().message);
        });
}

}  // namespace sotto::app
