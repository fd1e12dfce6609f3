// Model files that lie on the disk twice: the same content, byte for byte, in files of their own.
//
// Only files of one size can be the same, so that few are read; what was read is remembered. Names
// of one file (links, hard or symbolic) take no room and are no duplicates. Runs as a job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "app/core/hash_store.h"
#include "app/core/jobs/job_context.h"
#include "base/result.h"

namespace sotto::app {

struct ModelTwins {
    std::uint64_t nBytes = 0;         // of one of them, all parts together
    std::vector<std::size_t> models;  // two or more, ascending: places in what was asked
};

// `models`: the parts of each. What cannot be read, or changes while it is, is no duplicate of
// anything. The largest first. Errors: Cancelled; what was read until then is remembered.
Result<std::vector<ModelTwins>> findTwins(
    const std::vector<std::vector<std::filesystem::path>>& models, HashStore& known,
    JobContext& context);

}  // namespace sotto::app
