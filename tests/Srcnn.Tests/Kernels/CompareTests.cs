namespace Srcnn.Tests.Kernels;

public sealed class CompareTests
{
    [Test]
    public void NaNFails() => Assert.That(Fails([float.NaN, 1], [1, 1]));

    [Test]
    public void NaNInTheReferenceFails() => Assert.That(Fails([1, 1], [float.NaN, 1]));

    [Test]
    public void AnErrorBeyondRoundingFails() => Assert.That(Fails([1.00001f, 1], [1, 1]));

    [Test]
    public void RoundingPasses() => Compare.Close([1.0000002f, 1], [1f, 1], terms: 1, "values");

    [Test]
    public void WhatTheEnvironmentRequiresMayNotBeSkipped()
    {
        Assert.That(Require.IsRequired("host, opencl", "opencl"));
        Assert.That(Require.IsRequired("host,opencl", "cuda"), Is.False);
        Assert.That(Require.IsRequired(null, "cuda"), Is.False);
    }

    private static bool Fails(float[] actual, float[] expected)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            try
            {
                Compare.Close(actual, expected, 1, "values");
                return false;
            }
            catch (AssertionException)
            {
                return true;
            }
        }
    }
}
