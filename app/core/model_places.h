// Where other programs of this computer keep models that can be used in place. Reads, never writes;
// any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/core/paths.h"

namespace sotto::app {

struct ModelPlace {
    std::string program;           // "LM Studio"
    std::filesystem::path folder;  // for scanModels()
};

// The places that are there, in the order in which they are offered; each folder once. Programs
// that keep no folder of their own (KoboldCpp asks for one) cannot be found.
std::vector<ModelPlace> findModelPlaces(const Environment& environment);

namespace detail {
// Of this platform, whether they are there or not.
std::vector<ModelPlace> platformModelPlaces(const Environment& environment);
// What a variable names as an absolute path, else the usual folder.
std::filesystem::path chosenOr(const Environment& environment, const char* variable,
                               const std::filesystem::path& usual);
// Of LM Studio's own folder: where its settings say, or models/ in it.
std::filesystem::path lmStudioModels(const std::filesystem::path& home);
}  // namespace detail

}  // namespace sotto::app
