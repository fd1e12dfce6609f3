// The products of mma.h against a plain matrix product, with the fragments' places written out from
// the PTX manual's formulas (PTX ISA, "Matrix Fragments for mma.m16n8k16" and "…m16n8k32"); and the
// compositions that sm_75 runs against the same.
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <QtTest>

#include "base/half.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/mma.h"
#include "tests/support/simt/control.h"

namespace cuda = sotto::cuda;
using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

namespace {

constexpr int kRows = 16;
constexpr int kColumns = 8;

enum class Product { S8k16, S8k32, F16k16, Bf16k16 };
enum class Form { Whole, Composed };

constexpr int depthOf(Product product) { return product == Product::S8k32 ? 32 : 16; }
constexpr bool isInteger(Product product) {
    return product == Product::S8k16 || product == Product::S8k32;
}

struct Element {
    int row;
    int column;
};

// Element `index` of a lane's A, B and C fragment.
Element placeInA(Product product, int lane, int index) {
    const int group = lane >> 2;
    const int thread = lane % 4;
    switch (product) {
        case Product::S8k16: return {index < 4 ? group : group + 8, thread * 4 + (index & 3)};
        case Product::S8k32:
            return {index < 4 || (index >= 8 && index < 12) ? group : group + 8,
                    thread * 4 + (index & 3) + (index >= 8 ? 16 : 0)};
        default:
            return {index < 2 || (index >= 4 && index < 6) ? group : group + 8,
                    thread * 2 + (index & 1) + (index >= 4 ? 8 : 0)};
    }
}
Element placeInB(Product product, int lane, int index) {
    const int group = lane >> 2;
    const int thread = lane % 4;
    if (isInteger(product)) return {thread * 4 + (index & 3) + (index >= 4 ? 16 : 0), group};
    return {thread * 2 + (index & 1) + (index >= 2 ? 8 : 0), group};
}
Element placeInC(int lane, int index) {
    return {(lane >> 2) + (index < 2 ? 0 : 8), lane % 4 * 2 + (index & 1)};
}

// One warp's operands: 4 registers of A, 2 of B, 4 of C per lane; shorter fragments leave the rest.
template <class Sum>
struct Registers {
    std::uint32_t a[32][4] = {};
    std::uint32_t b[32][2] = {};
    Sum c[32][4] = {};
};

template <Product kProduct, Form kForm, class Sum>
__global__ void mmaKernel(Registers<Sum>* warps) {
    const unsigned linear = threadIdx.x + threadIdx.y * blockDim.x;
    Registers<Sum>& own = warps[linear / 32];
    const unsigned lane = linear % 32;
    const std::uint32_t(&a)[4] = own.a[lane];
    const std::uint32_t(&b)[2] = own.b[lane];
    Sum(&c)[4] = own.c[lane];
    if constexpr (kProduct == Product::S8k16)
        kForm == Form::Whole ? cuda::mmaS8k16(c, {a[0], a[1]}, b[0])
                             : cuda::composed::mmaS8k16(c, {a[0], a[1]}, b[0]);
    else if constexpr (kProduct == Product::S8k32)
        kForm == Form::Whole ? cuda::mmaS8k32(c, a, b) : cuda::composed::mmaS8k32(c, a, b);
    else if constexpr (kProduct == Product::F16k16)
        kForm == Form::Whole ? cuda::mmaF16k16(c, a, b) : cuda::composed::mmaF16k16(c, a, b);
    else
        kForm == Form::Whole ? cuda::mmaBf16k16(c, a, b) : cuda::composed::mmaBf16k16(c, a, b);
}

// Matrices as numbers; `bits` of an element is what its place in a register holds.
struct Problem {
    std::vector<double> a, b, c;  // [16, depth], [depth, 8], [16, 8]
};

double elementOf(Product product, std::uint32_t bits) {
    if (isInteger(product)) return static_cast<std::int8_t>(bits);
    const auto half = static_cast<std::uint16_t>(bits);
    return product == Product::F16k16 ? sotto::toFloat(sotto::Half{half})
                                      : sotto::toFloat(sotto::BFloat16{half});
}

std::uint32_t randomBits(Product product, std::mt19937& random) {
    if (isInteger(product)) return random() & 0xffu;
    // Magnitudes over many powers of two, subnormals and now and then an outlier among them.
    std::normal_distribution<float> normal;
    const float scale = std::ldexp(1.0f, static_cast<int>(random() % 24) - 18);
    const float value = random() % 16 == 0 ? normal(random) * 1e-7f : normal(random) * scale;
    return product == Product::F16k16 ? sotto::toHalf(value).bits : sotto::toBFloat16(value).bits;
}

template <Product kProduct, class Sum>
Problem makeProblem(Registers<Sum>& registers, std::mt19937& random) {
    constexpr int kDepth = depthOf(kProduct);
    constexpr int kPerRegister = isInteger(kProduct) ? 4 : 2;
    constexpr int kBits = 32 / kPerRegister;
    Problem made{std::vector<double>(kRows * kDepth), std::vector<double>(kDepth * kColumns),
                 std::vector<double>(kRows * kColumns)};
    for (int lane = 0; lane < 32; ++lane) {
        for (int index = 0; index < kRows * kDepth / 32; ++index) {
            const std::uint32_t bits = randomBits(kProduct, random);
            registers.a[lane][index / kPerRegister] |= bits << (index % kPerRegister * kBits);
            const Element place = placeInA(kProduct, lane, index);
            made.a[static_cast<std::size_t>(place.row * kDepth + place.column)] =
                elementOf(kProduct, bits);
        }
        for (int index = 0; index < kDepth * kColumns / 32; ++index) {
            const std::uint32_t bits = randomBits(kProduct, random);
            registers.b[lane][index / kPerRegister] |= bits << (index % kPerRegister * kBits);
            const Element place = placeInB(kProduct, lane, index);
            made.b[static_cast<std::size_t>(place.row * kColumns + place.column)] =
                elementOf(kProduct, bits);
        }
        for (int index = 0; index < 4; ++index) {
            registers.c[lane][index] = static_cast<Sum>(static_cast<int>(random() % 2001) - 1000);
            const Element place = placeInC(lane, index);
            made.c[static_cast<std::size_t>(place.row * kColumns + place.column)] =
                static_cast<double>(registers.c[lane][index]);
        }
    }
    return made;
}

template <Product kProduct, class Sum>
void checkWarp(const Problem& problem, const Registers<Sum>& result) {
    constexpr int kDepth = depthOf(kProduct);
    for (int lane = 0; lane < 32; ++lane) {
        for (int index = 0; index < 4; ++index) {
            const Element place = placeInC(lane, index);
            double sum = problem.c[static_cast<std::size_t>(place.row * kColumns + place.column)];
            double magnitude = std::fabs(sum);
            for (int k = 0; k < kDepth; ++k) {
                const double product =
                    problem.a[static_cast<std::size_t>(place.row * kDepth + k)] *
                    problem.b[static_cast<std::size_t>(k * kColumns + place.column)];
                sum += product;
                magnitude += std::fabs(product);
            }
            // Integers are exact. Floats: 16 additions, each rounded by at most 2^-24 of a partial
            // sum, which is below the sum of magnitudes.
            const double bound = isInteger(kProduct) ? 0.0 : 16 * 0x1p-24 * magnitude;
            const double actual = static_cast<double>(result.c[lane][index]);
            QVERIFY2(std::fabs(actual - sum) <= bound,
                     qPrintable(QString("row %1 column %2: %3, not %4")
                                    .arg(place.row)
                                    .arg(place.column)
                                    .arg(actual, 0, 'g', 10)
                                    .arg(sum, 0, 'g', 10)));
        }
    }
}

template <Product kProduct, class Sum>
void checkProduct() {
    std::mt19937 random(static_cast<unsigned>(kProduct) + 1);
    constexpr int kWarps = 3;
    for (const dim3 block : {dim3(32 * kWarps), dim3(16, 2 * kWarps)}) {
        std::vector<Registers<Sum>> registers(kWarps);
        std::vector<Problem> problems;
        for (auto& warp : registers) problems.push_back(makeProblem<kProduct>(warp, random));
        auto whole = registers;
        launch(mmaKernel<kProduct, Form::Whole, Sum>, dim3(1), block, 0, LaunchStream{},
               whole.data());
        auto composed = registers;
        launch(mmaKernel<kProduct, Form::Composed, Sum>, dim3(1), block, 0, LaunchStream{},
               composed.data());
        for (int warp = 0; warp < kWarps; ++warp) {
            const auto at = static_cast<std::size_t>(warp);
            checkWarp<kProduct>(problems[at], whole[at]);
            checkWarp<kProduct>(problems[at], composed[at]);
            // Emulated, both sum in the order of k.
            QVERIFY(std::memcmp(whole[at].c, composed[at].c, sizeof(whole[at].c)) == 0);
        }
    }
}

__global__ void partialWarpKernel(int* out) {
    int c[4] = {};
    if (threadIdx.x < 16) cuda::mmaS8k16(c, {0u, 0u}, 0u);
    out[threadIdx.x] = c[0];
}

}  // namespace

class MmaTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void product_isTheMatrixProduct_data();
    void product_isTheMatrixProduct();
    void accumulators_wrap();
    void partOfAWarp_isReported();
};

void MmaTest::product_isTheMatrixProduct_data() {
    QTest::addColumn<int>("product");
    QTest::addColumn<int>("seed");
    for (int seed = 0; seed < 3; ++seed) {
        const auto name = [&](const char* text) {
            return QString("%1, order %2").arg(text).arg(seed).toUtf8();
        };
        QTest::newRow(name("s8 k16")) << static_cast<int>(Product::S8k16) << seed;
        QTest::newRow(name("s8 k32")) << static_cast<int>(Product::S8k32) << seed;
        QTest::newRow(name("f16 k16")) << static_cast<int>(Product::F16k16) << seed;
        QTest::newRow(name("bf16 k16")) << static_cast<int>(Product::Bf16k16) << seed;
    }
}

void MmaTest::product_isTheMatrixProduct() {
    QFETCH(int, product);
    QFETCH(int, seed);
    simt::setThreadOrderSeed(static_cast<std::uint64_t>(seed));
    switch (static_cast<Product>(product)) {
        case Product::S8k16: checkProduct<Product::S8k16, int>(); break;
        case Product::S8k32: checkProduct<Product::S8k32, int>(); break;
        case Product::F16k16: checkProduct<Product::F16k16, float>(); break;
        case Product::Bf16k16: checkProduct<Product::Bf16k16, float>(); break;
    }
}

void MmaTest::accumulators_wrap() {
    Registers<int> registers;
    for (int lane = 0; lane < 32; ++lane) {
        for (auto& word : registers.a[lane]) word = 0x80808080u;  // -128 everywhere
        for (auto& word : registers.b[lane]) word = 0x80808080u;
        for (int& sum : registers.c[lane]) sum = 0x7fffffff;
    }
    launch(mmaKernel<Product::S8k32, Form::Whole, int>, dim3(1), dim3(32), 0, LaunchStream{},
           &registers);
    // 32 products of 2^14 are 2^19.
    for (const auto& lane : registers.c)
        for (const int sum : lane) QCOMPARE(sum, static_cast<int>(0x7fffffffu + (1u << 19)));
}

void MmaTest::partOfAWarp_isReported() {
    std::string report;
    simt::setReportHandler([&](const std::string& text) { report = text; });
    std::vector<int> out(32);
    launch(partialWarpKernel, dim3(1), dim3(32), 0, LaunchStream{}, out.data());
    QVERIFY2(report.find("without all 32 lanes") != std::string::npos, report.c_str());
    simt::reset();
}

QTEST_GUILESS_MAIN(MmaTest)
#include "mma_test.moc"
