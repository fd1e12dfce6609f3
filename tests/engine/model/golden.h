// Reads the golden folders: manifests, logits. See tests/golden and the README of shared/golden for
// where the numbers come from and how they are to be judged.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sotto {

// Where third-party data and the larger goldens lie; may not exist.
inline std::string sharedFolder() {
    const char* chosen = std::getenv("SOTTO_SHARED");
    return chosen != nullptr ? chosen : SOTTO_SOURCE_DIR "/../shared";
}

// The committed goldens; SOTTO_GOLDEN where a packed test runs on another machine.
inline std::filesystem::path goldenFolder() {
    const char* chosen = std::getenv("SOTTO_GOLDEN");
    return chosen != nullptr ? chosen : SOTTO_GOLDEN_DIR;
}

inline nlohmann::json readJson(const std::filesystem::path& path) {
    std::ifstream stream(path);
    return nlohmann::json::parse(stream, nullptr, false);
}

inline std::vector<std::vector<float>> readLogits(const std::filesystem::path& path,
                                                  std::size_t nVocab) {
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    std::vector<std::vector<float>> rows(bytes.size() / sizeof(float) / nVocab,
                                         std::vector<float>(nVocab));
    for (std::size_t rowIndex = 0; rowIndex < rows.size(); ++rowIndex)
        std::memcpy(rows[rowIndex].data(), bytes.data() + rowIndex * nVocab * sizeof(float),
                    nVocab * sizeof(float));
    return rows;
}

// |actual - expected| / |expected| over one row.
inline double relativeL2(const std::vector<float>& actual, const std::vector<float>& expected) {
    double difference = 0, norm = 0;
    for (std::size_t tokenId = 0; tokenId < expected.size(); ++tokenId) {
        difference += std::pow(double(actual[tokenId]) - double(expected[tokenId]), 2);
        norm += std::pow(double(expected[tokenId]), 2);
    }
    return std::sqrt(difference / norm);
}

inline double rootMeanSquareDifference(const std::vector<std::vector<float>>& actual,
                                       const std::vector<std::vector<float>>& expected) {
    double sum = 0, count = 0;
    for (std::size_t rowIndex = 0; rowIndex < expected.size(); ++rowIndex)
        for (std::size_t tokenId = 0; tokenId < expected[rowIndex].size(); ++tokenId, ++count)
            sum += std::pow(double(actual[rowIndex][tokenId]) - double(expected[rowIndex][tokenId]),
                            2);
    return std::sqrt(sum / count);
}

inline std::int32_t firstLargest(const std::vector<float>& logits) {
    return static_cast<std::int32_t>(
        std::distance(logits.begin(), std::max_element(logits.begin(), logits.end())));
}

}  // namespace sotto
