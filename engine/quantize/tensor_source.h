// TensorSource: what a model is quantized from: its tensors, and all keys of the file that is made.
//
// A GGUF (all parts of a split) is one; what is converted on the way, another. Reading is done by
// many threads at once, in any order; everything else by one. Rows come in the source's own type,
// where they lie or in the caller's memory, so that no tensor is ever whole in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_metadata.h"
#include "engine/gguf/gguf_writer.h"

namespace sotto {

class TensorSource {
public:
    virtual ~TensorSource() = default;

    // Names, types and shapes, in the order in which they are to be written.
    virtual std::span<const GgufTensorPlan> tensors() const = 0;
    // What the source says of the model; strings live as long as it does.
    virtual const GgufMetadata& metadata() const = 0;
    // All keys as the new file has them, but those that speak of the file's own form.
    virtual void addKeys(GgufWriter& writer) const = 0;

    // The bytes of some rows, either where they lie or in `scratch`; good until the next call with
    // the same scratch. Errors: FileUnreadable, FileDamaged.
    virtual Result<std::span<const std::byte>> rows(const GgufRowRange& range,
                                                    std::vector<std::byte>& scratch) const = 0;
    // Whether all that was read is what the files hold. Errors: FileUnreadable, FileDamaged.
    virtual Status check() const = 0;

    // The files that it is read from, in order.
    virtual const std::vector<std::filesystem::path>& files() const = 0;
    // How its weights were quantized where their types do not show it: "gptq". Empty: not.
    virtual std::string_view earlierMethod() const { return {}; }
};

// A model at `path`: a GGUF file, the first part of a split, or a folder of Hugging Face's form.
// Errors: those of GgufFile::open(); of a folder those of HfModel::open() and of what reads the
// model that it describes.
Result<std::unique_ptr<TensorSource>> openTensorSource(const std::filesystem::path& path);

Result<std::unique_ptr<TensorSource>> openHfSource(const std::filesystem::path& folder);

// TensorSource::addKeys() of a model with these keys.
void addKeysOf(const GgufMetadata& metadata, GgufWriter& writer);

}  // namespace sotto
