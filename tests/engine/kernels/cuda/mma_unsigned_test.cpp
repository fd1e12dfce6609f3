// mma of unsigned and signed bytes: whole, and composed as sm_75 has it, against the plain matrix
// product.
#include "engine/kernels/cuda/common/mma_unsigned.h"

#include <QtTest>
#include <random>
#include <vector>

#include "engine/kernels/cuda/common/launch.h"
#include "tests/support/simt/control.h"

using namespace sotto;

namespace {

// [row][k] and [column][k], four columns k to a word; sums [row][column] to add to.
struct Operands {
    const std::uint32_t* a;
    const std::uint32_t* b;
    int* sums;
};

template <bool kIsComposed, int kDepth>
__global__ void multiplyKernel(Operands operands) {
    constexpr int kWords = kDepth / 4;
    const int g = static_cast<int>(threadIdx.x) / 4;
    const int t = static_cast<int>(threadIdx.x) % 4;
    std::uint32_t a[4] = {};
    std::uint32_t b[2] = {};
    for (int half = 0; half < kDepth / 16; ++half) {
        a[2 * half] = operands.a[g * kWords + 4 * half + t];
        a[2 * half + 1] = operands.a[(g + 8) * kWords + 4 * half + t];
        b[half] = operands.b[g * kWords + 4 * half + t];
    }
    int* const rows[2] = {operands.sums + g * 8 + 2 * t, operands.sums + (g + 8) * 8 + 2 * t};
    int c[4] = {rows[0][0], rows[0][1], rows[1][0], rows[1][1]};
    if constexpr (kDepth == 16) {
        if constexpr (kIsComposed)
            cuda::composed::mmaU8S8k16(c, {a[0], a[1]}, b[0]);
        else
            cuda::mmaU8S8k16(c, {a[0], a[1]}, b[0]);
    } else {
        if constexpr (kIsComposed)
            cuda::composed::mmaU8S8k32(c, a, b);
        else
            cuda::mmaU8S8k32(c, a, b);
    }
    for (int cell = 0; cell < 4; ++cell) rows[cell / 2][cell % 2] = c[cell];
}

template <bool kIsComposed, int kDepth>
void checkProduct() {
    std::mt19937 random(kDepth);
    std::vector<std::uint8_t> a(16 * kDepth);
    std::vector<std::int8_t> b(8 * kDepth);
    for (std::uint8_t& value : a) value = static_cast<std::uint8_t>(random());
    for (std::int8_t& value : b) value = static_cast<std::int8_t>(random());
    a[0] = a[kDepth + 1] = 255;
    b[0] = b[kDepth + 1] = -128;
    std::vector<int> sums(16 * 8);
    for (int& sum : sums) sum = static_cast<int>(random() % 2000) - 1000;
    std::vector<int> expected = sums;
    for (int row = 0; row < 16; ++row)
        for (int col = 0; col < 8; ++col)
            for (int k = 0; k < kDepth; ++k)
                expected[static_cast<std::size_t>(row * 8 + col)] +=
                    a[static_cast<std::size_t>(row * kDepth + k)] *
                    b[static_cast<std::size_t>(col * kDepth + k)];
    std::vector<std::uint32_t> aWords(a.size() / 4), bWords(b.size() / 4);
    std::memcpy(aWords.data(), a.data(), a.size());
    std::memcpy(bWords.data(), b.data(), b.size());
    cuda::launch(multiplyKernel<kIsComposed, kDepth>, dim3(1), dim3(32), 0, cuda::LaunchStream{},
                 Operands{aWords.data(), bWords.data(), sums.data()});
    QCOMPARE(sums, expected);
}

}  // namespace

class MmaUnsignedTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void product_isThePlainOne() {
        checkProduct<false, 16>();
        checkProduct<false, 32>();
    }
    void composition_isTheSame() {
        checkProduct<true, 16>();
        checkProduct<true, 32>();
    }
};

QTEST_GUILESS_MAIN(MmaUnsignedTest)
#include "mma_unsigned_test.moc"
