// Device functions of the emulated headers against definitions of their own.
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <QtTest>

#include "base/half.h"

class SimtIntrinsicsTest : public QObject {
    Q_OBJECT
private slots:
    void half_convertsEveryPattern();
    void half_roundsToNearestEven_data();
    void half_roundsToNearestEven();
    void half_arithmeticRoundsOnce();
    void bfloat16_convertsAsTheFilesDo();
    void bytes_areChosenBySelector();
    void dotProducts_takeFourBytes();
    void byteWise_saturatesOrWraps();
    void conversions_saturate_data();
    void conversions_saturate();
    void funnelShift_joinsTwoWords();
    void minMax_preferNumbers();
};

void SimtIntrinsicsTest::half_convertsEveryPattern() {
    for (unsigned bits = 0; bits < 0x10000u; ++bits) {
        const auto pattern = static_cast<unsigned short>(bits);
        const float expected = sotto::toFloat(sotto::Half{pattern});
        const float actual = __half2float(__ushort_as_half(pattern));
        if (std::isnan(expected)) {
            QVERIFY(std::isnan(actual));
            continue;
        }
        QCOMPARE(__float_as_uint(actual), __float_as_uint(expected));
        QCOMPARE(__half_as_ushort(__float2half_rn(expected)), pattern);
    }
}

void SimtIntrinsicsTest::half_roundsToNearestEven_data() {
    QTest::addColumn<float>("value");
    const float smallest = 0x1p-24f;
    for (const float value :
         {1.0f + 0x1p-11f, 1.0f + 0x1.8p-10f, std::nextafter(1.0f + 0x1p-11f, 2.0f), 65504.0f,
          65519.9f, 65520.0f, 1e9f, smallest / 2, smallest * 0.75f, smallest * 1.5f, 0x1p-14f,
          0x1.ffep-15f, 0x1.fffp-15f, 3.14159f, 1e-30f, 0.0f, 2047.5f, 2049.0f})
        for (const float sign : {1.0f, -1.0f})
            QTest::newRow(qPrintable(QString::number(static_cast<double>(sign * value), 'g', 9)))
                << sign * value;
}

void SimtIntrinsicsTest::half_roundsToNearestEven() {
    QFETCH(float, value);
    QCOMPARE(__half_as_ushort(__float2half(value)), sotto::toHalf(value).bits);
    // Towards zero: the largest half that is not beyond the value.
    const float down = __half2float(__float2half_rz(value));
    QVERIFY(std::fabs(down) <= std::fabs(value));
    const auto next = static_cast<unsigned short>(__half_as_ushort(__float2half_rz(value)) + 1);
    QVERIFY(std::fabs(__half2float(__ushort_as_half(next))) > std::fabs(value));
}

// Sums and products of two halves are exact in double; rounded to half once, they are the result.
void SimtIntrinsicsTest::half_arithmeticRoundsOnce() {
    std::mt19937 random(3);
    for (int turn = 0; turn < 20000; ++turn) {
        const auto a = __ushort_as_half(static_cast<unsigned short>(random() & 0xbfffu));
        const auto b = __ushort_as_half(static_cast<unsigned short>(random() & 0xbfffu));
        const auto nearest = [](double exact) {
            // Through float to odd: no second rounding can then change the result.
            float narrowed = static_cast<float>(exact);
            if (static_cast<double>(narrowed) != exact) {
                if (std::fabs(static_cast<double>(narrowed)) > std::fabs(exact))
                    narrowed = std::nextafter(narrowed, 0.0f);
                narrowed = __uint_as_float(__float_as_uint(narrowed) | 1u);
            }
            return sotto::toHalf(narrowed).bits;
        };
        const double x = __half2float(a);
        const double y = __half2float(b);
        QCOMPARE(__half_as_ushort(__hadd(a, b)), nearest(x + y));
        QCOMPARE(__half_as_ushort(__hmul(a, b)), nearest(x * y));
        QCOMPARE(__half_as_ushort(__hfma2(__half2half2(a), __half2half2(b), __half2half2(a)).y),
                 nearest(std::fma(x, y, x)));
    }
}

void SimtIntrinsicsTest::bfloat16_convertsAsTheFilesDo() {
    for (unsigned bits = 0; bits < 0x10000u; ++bits) {
        const auto pattern = static_cast<unsigned short>(bits);
        const float expected = sotto::toFloat(sotto::BFloat16{pattern});
        const float actual = __bfloat162float(__ushort_as_bfloat16(pattern));
        QCOMPARE(__float_as_uint(actual), __float_as_uint(expected));
    }
    std::mt19937 random(5);
    for (int turn = 0; turn < 20000; ++turn) {
        const float value = __uint_as_float(static_cast<unsigned>(random()));
        if (std::isnan(value)) continue;
        QCOMPARE(__bfloat16_as_ushort(__float2bfloat16_rn(value)), sotto::toBFloat16(value).bits);
    }
    QVERIFY(std::isnan(__bfloat162float(__float2bfloat16(NAN))));
}

void SimtIntrinsicsTest::bytes_areChosenBySelector() {
    QCOMPARE(__byte_perm(0x33221100u, 0x77665544u, 0x3210u), 0x33221100u);
    QCOMPARE(__byte_perm(0x33221100u, 0x77665544u, 0x7531u), 0x77553311u);
    QCOMPARE(__byte_perm(0x33221100u, 0x77665544u, 0x0123u), 0x00112233u);
    QCOMPARE(__byte_perm(0x00800000u, 0x7f000000u, 0xf0a2u), 0x0000ff80u);  // signs
}

void SimtIntrinsicsTest::dotProducts_takeFourBytes() {
    // -128 * -128 + 127 * -1 + 1 * 2 + (-3) * 4
    const int a = static_cast<int>(0xfd017f80u);
    const int b = static_cast<int>(0x0402ff80u);
    QCOMPARE(__dp4a(a, b, 10), 16384 - 127 + 2 - 12 + 10);
    QCOMPARE(__dp4a(0x7f7f7f7f, 0x7f7f7f7f, std::numeric_limits<int>::max()),
             static_cast<int>(0x7fffffffu + 4u * 127u * 127u));
    QCOMPARE(__dp4a(0xffffffffu, 0x01020304u, 1u), 255u * 10u + 1u);
}

void SimtIntrinsicsTest::byteWise_saturatesOrWraps() {
    QCOMPARE(__vsubss4(0x80'7f'05'00u, 0x01'ff'07'80u), 0x80'7f'fe'7fu);
    QCOMPARE(__vsub4(0x80'7f'05'00u, 0x01'ff'07'80u), 0x7f'80'fe'80u);
    QCOMPARE(__vaddss4(0x80'7f'05'00u, 0xff'01'07'80u), 0x80'7f'0c'80u);
    QCOMPARE(__vadd4(0x80'7f'05'00u, 0xff'01'07'80u), 0x7f'80'0c'80u);
    QCOMPARE(__vcmpeq4(0x01'02'03'04u, 0x01'00'03'05u), 0xff'00'ff'00u);
}

void SimtIntrinsicsTest::conversions_saturate_data() {
    QTest::addColumn<float>("value");
    QTest::addColumn<int>("nearest");
    QTest::addColumn<int>("towardsZero");
    constexpr int kMost = std::numeric_limits<int>::max();
    constexpr int kLeast = std::numeric_limits<int>::min();
    QTest::newRow("half to even") << 2.5f << 2 << 2;
    QTest::newRow("half up to even") << 3.5f << 4 << 3;
    QTest::newRow("negative half") << -2.5f << -2 << -2;
    QTest::newRow("negative") << -2.75f << -3 << -2;
    QTest::newRow("too large") << 3e9f << kMost << kMost;
    QTest::newRow("too small") << -3e9f << kLeast << kLeast;
    QTest::newRow("infinite") << std::numeric_limits<float>::infinity() << kMost << kMost;
    QTest::newRow("not a number") << std::numeric_limits<float>::quiet_NaN() << 0 << 0;
}

void SimtIntrinsicsTest::conversions_saturate() {
    QFETCH(float, value);
    QFETCH(int, nearest);
    QFETCH(int, towardsZero);
    QCOMPARE(__float2int_rn(value), nearest);
    QCOMPARE(__float2int_rz(value), towardsZero);
}

void SimtIntrinsicsTest::funnelShift_joinsTwoWords() {
    QCOMPARE(__funnelshift_r(0x89abcdefu, 0x01234567u, 8), 0x6789abcdu);
    QCOMPARE(__funnelshift_l(0x89abcdefu, 0x01234567u, 8), 0x23456789u);
    QCOMPARE(__funnelshift_r(0x89abcdefu, 0x01234567u, 0), 0x89abcdefu);
    QCOMPARE(__funnelshift_l(0x89abcdefu, 0x01234567u, 0), 0x01234567u);
    QCOMPARE(__brev(0x00000001u), 0x80000000u);
    QCOMPARE(__umulhi(0xffffffffu, 0xffffffffu), 0xfffffffeu);
    QCOMPARE(__clz(0), 32);
    QCOMPARE(__ffs(0x10), 5);
}

void SimtIntrinsicsTest::minMax_preferNumbers() {
    const float none = std::numeric_limits<float>::quiet_NaN();
    QCOMPARE(max(none, 1.0f), 1.0f);
    QCOMPARE(min(2.0f, none), 2.0f);
    QCOMPARE(max(-1, 1), 1);
    QCOMPARE(max(0xffffffffu, 1u), 0xffffffffu);
    QCOMPARE(__saturatef(none), 0.0f);
}

QTEST_GUILESS_MAIN(SimtIntrinsicsTest)
#include "intrinsics_test.moc"
