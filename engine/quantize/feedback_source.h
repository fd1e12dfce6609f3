// FeedbackSource: the error feedback of each matrix of a model, in the order in which they are
// quantized.
//
// Place: quantize_run asks for a matrix's before it makes its rows. What comes to matrices is never
// all in memory: as many in a row as fit have their products summed in one reading of the text,
// and the next ones in another one. Queries, keys and values have one input and so one sum, as have
// gate and up. The text is read by the model as it was, whatever was quantized before, so that the
// bytes do not depend on how many fit. Borrows all that it is made of; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/api/quantize.h"
#include "engine/quantize/input_reader.h"

namespace sotto {

class FeedbackSource {
public:
    // How many bytes of products may be there at a time: half of what is left of `availableBytes`
    // beside the model that reads, whose mapped pages the system counts as available, and beside
    // what factoring rows of `nWidest` columns takes.
    static std::uint64_t limitBytes(std::uint64_t availableBytes, std::uint64_t modelBytes,
                                    std::int64_t nWidest);
    // Whether the products of its inputs fit `availableBytes` while they are factored, which is the
    // least that the widest of all matrices needs. Errors: OutOfMemory, with both numbers.
    static Status checkMemory(const QuantizedTensor& widest, std::uint64_t availableBytes);

    // What all of it takes at most, with a model of `modelBytes` beside: 0 where nothing is wanted.
    static std::uint64_t mostBytes(std::span<const QuantizedTensor> tensors,
                                   const std::function<bool(const QuantizedTensor&)>& isWanted,
                                   std::uint64_t limitBytes, std::uint64_t modelBytes);

    // `tensors`: all of the file, in order; those that `isWanted` says have feedback. At most
    // `limitBytes` of products at a time, but one.
    FeedbackSource(InputReader& reader, ThreadPool& pool, std::span<const QuantizedTensor> tensors,
                   const std::function<bool(const QuantizedTensor&)>& isWanted,
                   std::uint64_t limitBytes);

    bool isWanted(std::size_t tensorIndex) const { return m_needs.contains({tensorIndex, 0}); }

    // Good until the next call. Null: fewer rows of the text came to it than it has columns, which
    // would not be told apart. Calls in the order of the file. Errors: those of
    // InputReader::read(), FileDamaged (sums that cannot be factored, the tensor named).
    Result<const ErrorFeedback*> of(std::size_t tensorIndex, std::int64_t matrix,
                                    const QuantizeSink& sink);

private:
    // One sum, for all matrices that have the same inputs.
    struct Inputs {
        InputWish wish;  // of the first of them
        std::int64_t nColumns = 0;
        std::int64_t group = -1;
        std::optional<InputProducts> products;
        std::optional<ErrorFeedback> feedback;
    };

    Status readGroup(std::int64_t group, const QuantizeSink& sink, std::string_view tensor);

    InputReader& m_reader;
    ThreadPool& m_pool;
    std::vector<Inputs> m_inputs;  // one for each time that they are read
    std::map<std::pair<std::size_t, std::int64_t>, std::size_t> m_needs;  // index into m_inputs
    std::int64_t m_nGroups = 0;
    std::int64_t m_group = -1;  // in memory
};

}  // namespace sotto
