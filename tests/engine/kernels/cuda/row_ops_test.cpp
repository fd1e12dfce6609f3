// Norm, GLU and gathering on the emulated device against the reference and their definition.
#include <QtTest>
#include <cmath>
#include <cstring>

#include "engine/kernels/cuda/row_ops.h"
#include "engine/kernels/reference/reference_ops.h"
#include "tests/engine/kernels/cuda/paged_scene.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr double kRounding = 0x1p-24;

void addWidths() {
    QTest::addColumn<int>("width");
    // Below a quad, around one turn of a block (1024 columns), odd, several turns.
    for (const int width : {1, 3, 4, 31, 96, 1023, 1024, 1025, 3001, 4096})
        QTest::addRow("%d columns", width) << width;
}

std::vector<float> withOutliers(std::mt19937& random, std::int64_t nElements, float outlier) {
    std::vector<float> values = gaussians(random, nElements);
    for (std::size_t index = 7; index < values.size(); index += 61) values[index] *= outlier;
    return values;
}

}  // namespace

class RowOpsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void rmsNorm_matchesReference_data() { addWidths(); }
    // Roundings: the sum width / 256 + 13 (a thread's share, the butterfly, the warps), halved by
    // the root; mean, epsilon, root, inverse, two products 6.
    void rmsNorm_matchesReference() {
        QFETCH(int, width);
        constexpr std::int64_t kTokens = 3;
        std::mt19937 random(static_cast<unsigned>(width));
        const std::vector<float> x = withOutliers(random, kTokens * width, 1000.0f);
        const std::vector<float> weight = gaussians(random, width);
        std::vector<float> expected(x.size()), actual(x.size());
        RmsNormArgs args{.x = x.data(),
                         .weight = weight.data(),
                         .out = expected.data(),
                         .nTokens = kTokens,
                         .width = width,
                         .epsilon = 1e-6f};
        reference::rmsNorm(args);
        args.out = actual.data();
        cuda::launchRmsNorm(args, {});
        const double relative = ((width / 256.0 + 13) / 2 + 6) * kRounding;
        for (std::size_t index = 0; index < x.size(); ++index)
            QVERIFY2(std::fabs(double{actual[index]} - expected[index]) <=
                         relative * std::fabs(expected[index]),
                     qPrintable(QStringLiteral("element %1").arg(index)));
    }

    void rmsNorm_hasSameBitsInPlaceAloneAndUnaligned_data() { addWidths(); }
    void rmsNorm_hasSameBitsInPlaceAloneAndUnaligned() {
        QFETCH(int, width);
        constexpr std::int64_t kTokens = 5;
        std::mt19937 random(2);
        std::vector<float> x = withOutliers(random, kTokens * width, 30.0f);
        const std::vector<float> weight = gaussians(random, width);
        std::vector<float> expected(x.size()), alone(x.size());
        cuda::launchRmsNorm({.x = x.data(),
                             .weight = weight.data(),
                             .out = expected.data(),
                             .nTokens = kTokens,
                             .width = width,
                             .epsilon = 1e-5f},
                            {});
        simt::setThreadOrderSeed(3);
        for (std::int64_t token = 0; token < kTokens; ++token)
            cuda::launchRmsNorm({.x = x.data() + token * width,
                                 .weight = weight.data(),
                                 .out = alone.data() + token * width,
                                 .nTokens = 1,
                                 .width = width,
                                 .epsilon = 1e-5f},
                                {});
        QVERIFY(std::memcmp(alone.data(), expected.data(), x.size() * sizeof(float)) == 0);
        // One float off a 16-byte border, and in place.
        std::vector<float> shifted(x.size() + 1);
        std::ranges::copy(x, shifted.begin() + 1);
        cuda::launchRmsNorm(
            {shifted.data() + 1, weight.data(), shifted.data() + 1, kTokens, width, 1e-5f}, {});
        QVERIFY(std::memcmp(shifted.data() + 1, expected.data(), x.size() * sizeof(float)) == 0);
    }

    void glu_matchesReference_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("isGelu");
        for (const int width : {1, 5, 32, 1023, 1024, 1025})
            for (const bool isGelu : {false, true})
                QTest::addRow("%d, %s", width, isGelu ? "gelu" : "silu") << width << isGelu;
    }
    // The exponent is off by 4 roundings of itself, so exp by |exponent| times that, and the
    // quotient and product add 5. Absolutely, of x * up: 2^-126 where exp overflows to a result of
    // 0, and the reference's own 2^-52 where its 1 + tanh cancels.
    void glu_matchesReference() {
        QFETCH(int, width);
        QFETCH(bool, isGelu);
        constexpr std::int64_t kTokens = 3;
        std::mt19937 random(11);
        std::vector<float> gate = withOutliers(random, kTokens * width, 40.0f);
        gate[0] = -1000.0f;
        const std::vector<float> up = withOutliers(random, kTokens * width, 100.0f);
        std::vector<float> expected(up.size());
        GluArgs args;
        args.kind = isGelu ? GluKind::GeluTanh : GluKind::Silu;
        args.gate = gate.data();
        args.up = up.data();
        args.out = expected.data();
        args.nTokens = kTokens;
        args.width = width;
        reference::glu(args);
        std::vector<float> inPlace = gate;
        args.gate = args.out = inPlace.data();
        cuda::launchGlu(args, {});
        for (std::size_t index = 0; index < up.size(); ++index) {
            const double x = gate[index];
            const double exponent = isGelu ? 1.5957691 * (x + 0.044715 * x * x * x) : x;
            const double relative = (4 * std::fabs(exponent) + 5) * kRounding;
            const double bound = relative * std::fabs(expected[index]) +
                                 std::fabs(x * up[index]) * (isGelu ? 0x1p-52 : 0x1p-126);
            QVERIFY2(std::fabs(double{inPlace[index]} - expected[index]) <= bound,
                     qPrintable(QStringLiteral("element %1").arg(index)));
        }
    }

    void gatherRows_copiesRowsInAnyOrder_data() {
        QTest::addColumn<int>("width");
        for (const int width : {1, 6, 64, 1025, 2048}) QTest::addRow("%d", width) << width;
    }
    void gatherRows_copiesRowsInAnyOrder() {
        QFETCH(int, width);
        std::mt19937 random(4);
        const std::vector<float> x = gaussians(random, std::int64_t{9} * width);
        const std::vector<std::int32_t> rowIds = {8, 0, 3, 3, 5};
        std::vector<float> out(rowIds.size() * at(width));
        cuda::launchGatherRows({.x = x.data(),
                                .rowIds = rowIds.data(),
                                .out = out.data(),
                                .nRows = std::ssize(rowIds),
                                .width = width},
                               {});
        for (std::size_t row = 0; row < rowIds.size(); ++row)
            QVERIFY(std::memcmp(out.data() + row * at(width), x.data() + rowIds[row] * width,
                                at(width) * sizeof(float)) == 0);
    }
};

QTEST_APPLESS_MAIN(RowOpsTest)
#include "row_ops_test.moc"
