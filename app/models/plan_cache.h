// What is remembered of a model file's dry run, so that a list of files reads none of them twice:
// the `infoJson` of a storage::ModelRecord, good for a file's size and time.
//
// Plain functions, any thread.
#pragma once

#include <QString>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/inspect.h"

namespace sotto::app {

// All parts of a model together; what changes when any of them does.
struct FileStamp {
    std::int64_t sizeBytes = 0;
    std::int64_t modifiedAt = 0;  // of the newest part, ms since 1970 UTC

    bool operator==(const FileStamp&) const = default;
};
// Nothing where the first part is not there.
std::optional<FileStamp> stampOf(const QString& path);

// Less of a difference than this is no change of the memory that is free: it moves all the time,
// and the list tells GiB with one decimal.
inline constexpr std::uint64_t kSameMemoryBytes = std::uint64_t{128} << 20;

// As JSON; empty where it is not worth keeping: errors that pass without the file changing.
std::string rememberedPlan(const LoadOptions& options, const PlanSpace& space,
                           const Result<PlannedModel>& plan);

// What planModel(options, space) would say now. Nothing where the file has to be read again: other
// options, another version of the program, memory that changed and would change the plan. A plan
// that has room for all it wants is the same in more memory. Without tensors, template and texts.
std::optional<Result<PlannedModel>> planFromMemory(const std::string& json,
                                                   const LoadOptions& options,
                                                   const PlanSpace& space);

}  // namespace sotto::app
