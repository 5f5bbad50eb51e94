namespace Srcnn.Engine.Models;

/// <summary>VDSR (arXiv:1511.04587): a structure <c>model</c> with cells <c>weight</c>, each (3, 3, in, out), and <c>bias</c>.</summary>
internal sealed class VdsrLayout : AuthorLayout
{
    public override bool Matches(MatFile file) =>
        file.Variables.GetValueOrDefault("model") is MatStruct model && model.Field("weight") is MatCell && model.Field("bias") is MatCell;

    public override AuthorModel Read(MatFile file) => throw NotYet(file, "VDSR");
}
