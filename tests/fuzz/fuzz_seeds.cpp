// Writes the seed corpus of the GGUF fuzzer: small valid files that between them use every value
// type, tensor type and key that the reader looks at.
//
// Usage: fuzz_seeds FOLDER
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/gguf/gguf_writer.h"
#include "tests/support/golden_files.h"
#include "tests/support/raw_gguf.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

std::vector<std::byte> allTypes() {
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    writer.addValue("general.alignment", std::uint32_t{8});
    writer.addValue("a", std::uint8_t{1});
    writer.addValue("b", std::int16_t{-1});
    writer.addValue("c", 0.5);
    writer.addValue("d", true);
    writer.addValue("e", std::vector<float>{1.0f, 2.0f});
    writer.addValue("f", std::vector<bool>{true, false});
    writer.addValue("g", std::vector<std::string>{"one", "two"});
    writer.addValue("h", std::vector<std::int64_t>{-1, 2});
    for (const DType type : allDTypes())
        writer.addTensor({std::string(dtypeTraits(type).name), type, {256, 1}});
    return *writer.toBytes(test::tinyWeights(writer, 1));
}

std::vector<std::byte> splitPart() {
    test::RawGguf raw;
    raw.pairs.push_back(test::rawU32("split.count", 1));
    raw.pairs.push_back(test::rawU32("split.no", 0));
    raw.pairs.push_back(test::rawU32("split.tensors.count", 2));
    return raw.bytes();
}

std::vector<std::byte> tinyModel() {
    test::TinyModel model;
    model.nLayers = 1;
    model.nEmbd = 32;
    model.nFf = 32;
    model.nHeads = 2;
    model.nKvHeads = 1;
    return *test::tinyModelBytes(test::withTypes(model, DType::Q4_0));
}

}  // namespace

int main(int argumentCount, char** arguments) {
    if (argumentCount != 2) {
        std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
        return 2;
    }
    const std::filesystem::path folder(arguments[1]);
    std::filesystem::create_directories(folder);
    test::RawGguf versionTwo;
    versionTwo.version = 2;
    const bool isWritten = test::writeBytes(folder / "raw.gguf", test::RawGguf().bytes()) &&
                           test::writeBytes(folder / "v2.gguf", versionTwo.bytes()) &&
                           test::writeBytes(folder / "types.gguf", allTypes()) &&
                           test::writeBytes(folder / "split.gguf", splitPart()) &&
                           test::writeBytes(folder / "tiny.gguf", tinyModel());
    return isWritten ? 0 : 1;
}
