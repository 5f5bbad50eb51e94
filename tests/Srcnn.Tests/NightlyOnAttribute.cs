using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace Srcnn.Tests;

/// <summary>
/// A test, or a case of one, that belongs to the nightly category in the fixtures of one backend and to every run in all others: on
/// ilgpu-cpu a launch wakes a thread for each of a group's 256, so that what launches a thousand kernels takes a minute there.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class NightlyOnAttribute(string backend, params object?[] arguments) : NUnitAttribute, ITestBuilder
{
    public string Backend => backend;

    public object?[] Arguments => arguments;

    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        var test = new NUnitTestCaseBuilder().BuildTestMethod(method, suite, arguments.Length > 0 ? new TestCaseParameters(arguments) : null);
        if (suite!.Arguments.Contains(backend) && test.RunState == RunState.Runnable)
        {
            test.RunState = RunState.Explicit;
            test.Properties.Set(PropertyNames.SkipReason, "a minute; choose it with --filter TestCategory=nightly");
            test.Properties.Add(PropertyNames.Category, "nightly");
        }
        yield return test;
    }
}
