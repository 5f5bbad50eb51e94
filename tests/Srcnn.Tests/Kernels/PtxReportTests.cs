using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>What the inner loops must look like, so that a change that spills or un-vectorises a kernel is seen without a card.</summary>
public sealed class PtxReportTests
{
    // Eight rows of a tile by 4 or 8 columns: two quads of rows and one or two of columns a term, all from shared memory.
    [TestCase("Conv2dTile:Conv2dForwardProduct:4", 32, 3)]
    [TestCase("Conv2dTile:Conv2dForwardProduct:8", 64, 4)]
    [TestCase("Conv2dTile:Conv2dWeightProduct:4", 32, 3)]
    [TestCase("Conv2dTile:Conv2dWeightProduct:8", 64, 4)]
    public void ATileLoadsSixteenBytesAtATime(string kernel, int multiplyAdds, int quads)
    {
        var report = Report(kernel);
        Assert.That((report.MultiplyAdds, report.Accumulators), Is.EqualTo((multiplyAdds, multiplyAdds)));
        Assert.That((report.Loads, report.QuadLoads), Is.EqualTo((quads, quads)));
        Assert.That(report.Branches, Is.EqualTo(1));
        Assert.That(report.OtherFloat, Is.Zero);
        Assert.That(report.MultiplyAddShare, Is.GreaterThan(0.6));
        Assert.That(report.Barriers, Is.EqualTo(2));
        Assert.That(report.SharedBytes, Is.EqualTo(4 * 8 * (128 + multiplyAdds)));
    }

    // A few pixels or weights by a block of lanes: every load is used by all of them or once a lane. A division in the loop shows in the
    // share. Only Dot shares memory: 32 threads' seven pixels by 16 lanes.
    [TestCase("Conv2dStrip:8", 40, 5 + 8, 0.38, 0)]
    [TestCase("Conv2dStrip:16", 80, 5 + 16, 0.45, 0)]
    [TestCase("Conv2dWeightStrip:ThreeRows:16", 48, 3 + 16, 0.37, 0)]
    [TestCase("Conv2dWeightStrip:FiveRows:8", 40, 5 + 8, 0.4, 0)]
    [TestCase("Conv2dWeightStrip:FiveRows:16", 80, 5 + 16, 0.45, 0)]
    [TestCase("Conv2dWeightStrip:EightRows:16", 128, 8 + 16, 0.54, 0)]
    [TestCase("Conv2dDot:16", 112, 8 * 16, 0.16, 32 * 7 * 16 * sizeof(float))]
    public void AStripLoadsEachOperandOnceAndDividesNothing(string kernel, int multiplyAdds, int loads, double share, int sharedBytes)
    {
        var report = Report(kernel);
        Assert.That((report.MultiplyAdds, report.Accumulators, report.Loads), Is.EqualTo((multiplyAdds, multiplyAdds, loads)));
        Assert.That(report.MultiplyAddShare, Is.GreaterThan(share));
        Assert.That(report.Branches, Is.EqualTo(1));
        Assert.That(report.OtherFloat, Is.Zero);
        Assert.That(report.SharedBytes, Is.EqualTo(sharedBytes));
    }

    [Test]
    public void TheReportFindsTheInnermostLoop()
    {
        var report = PtxReport.Of("""
            .shared .align 16 .b8 buffer[4096];
            L_1:
            	@%p1 bra L_4;
            	fma.rn.f32	%f1, %f2, %f3, %f4;
            L_2:
            	setp.ge.s32	%p2, %r1, %r2;
            	@%p2 bra	L_3;
            	ld.shared.v4.f32	{%f1, %f2, %f3, %f4}, [%rd1];
            	ld.global.f32	%f5, [%rd2];
            	fma.rn.f32	%f1, %f2, %f3, %f4;
            	fma.rn.f32	%f6, %f2, %f3, %f1;
            	fma.rn.f32	%f7, %f2, %f3, %f8;
            	mul.f32	%f1, %f2, %f3;
            	add.s32	%r1, %r1, 1;
            	bra.uni	L_2;
            L_3:
            	bar.sync	0;
            	bra.uni	L_1;
            L_4:
            	st.local.f32	[%rd1], %f1;
            """);
        Assert.That(report, Is.EqualTo(new PtxReport(3, 2, 1, 1, 2, 1, 20, 1, 1, 4096, true)));
    }

    [Test]
    public void AKernelWithoutLoopsIsCountedWhole()
    {
        var report = PtxReport.Of("""
            	@%p1 bra	L_1;
            	ld.global.f32	%f1, [%rd1];
            	mul.f32	%f2, %f1, %f1;
            	st.global.f32	[%rd1], %f2;
            L_1:
            	ret;
            """);
        Assert.That(report, Is.EqualTo(new PtxReport(0, 0, 1, 0, 1, 0, 4, 1, 0, 0, false)));
    }

    [Test]
    public void WithoutMultiplyAddsTheLoopWithTheMostArithmeticCounts()
    {
        var report = PtxReport.Of("""
            L_1:
            	mul.f32	%f2, %f1, %f1;
            	add.f32	%f3, %f3, %f2;
            	@%p1 bra	L_1;
            L_2:
            	add.s32	%r1, %r1, 1;
            	@%p1 bra	L_2;
            """);
        Assert.That((report.OtherFloat, report.Integer), Is.EqualTo((2, 0)));
    }

    private static PtxReport Report(string name) => PtxReport.Of(KernelCatalog.All.Single(kernel => kernel.Name == name).Ptx());
}
