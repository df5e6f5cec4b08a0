using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Principal;

public static class SvcLogonRight
{
    [StructLayout(LayoutKind.Sequential)]
    struct Text { public ushort Length; public ushort MaximumLength; public IntPtr Buffer; }

    [StructLayout(LayoutKind.Sequential)]
    struct Attributes
    {
        public int Length; public IntPtr RootDirectory; public IntPtr ObjectName; public int Flags;
        public IntPtr SecurityDescriptor; public IntPtr SecurityQualityOfService;
    }

    [DllImport("advapi32.dll")]
    static extern uint LsaOpenPolicy(IntPtr system, ref Attributes attributes, uint access, out IntPtr policy);
    [DllImport("advapi32.dll")]
    static extern uint LsaAddAccountRights(IntPtr policy, byte[] sid, Text[] rights, uint count);
    [DllImport("advapi32.dll")]
    static extern uint LsaRemoveAccountRights(IntPtr policy, byte[] sid, bool all, Text[] rights, uint count);
    [DllImport("advapi32.dll")]
    static extern uint LsaEnumerateAccountRights(IntPtr policy, byte[] sid, out IntPtr rights, out uint count);
    [DllImport("advapi32.dll")]
    static extern uint LsaFreeMemory(IntPtr memory);
    [DllImport("advapi32.dll")]
    static extern uint LsaClose(IntPtr policy);
    [DllImport("advapi32.dll")]
    static extern int LsaNtStatusToWinError(uint status);

    const string Name = "SeServiceLogonRight";
    const uint NoSuchAccount = 0xC0000034;

    static byte[] Sid(string account)
    {
        var sid = (SecurityIdentifier)new NTAccount(account).Translate(typeof(SecurityIdentifier));
        var bytes = new byte[sid.BinaryLength];
        sid.GetBinaryForm(bytes, 0);
        return bytes;
    }

    static void Check(uint status)
    {
        if (status != 0) throw new Win32Exception(LsaNtStatusToWinError(status));
    }

    static IntPtr Open()
    {
        var attributes = new Attributes();
        attributes.Length = Marshal.SizeOf(typeof(Attributes));
        IntPtr policy;
        // POLICY_LOOKUP_NAMES, POLICY_CREATE_ACCOUNT and POLICY_VIEW_LOCAL_INFORMATION.
        Check(LsaOpenPolicy(IntPtr.Zero, ref attributes, 0x800 | 0x10 | 0x1, out policy));
        return policy;
    }

    static void With(Action<Text[]> act)
    {
        var buffer = Marshal.StringToHGlobalUni(Name);
        try
        {
            var text = new Text();
            text.Length = (ushort)(Name.Length * 2);
            text.MaximumLength = (ushort)(Name.Length * 2 + 2);
            text.Buffer = buffer;
            act(new Text[] { text });
        }
        finally { Marshal.FreeHGlobal(buffer); }
    }

    public static bool Has(string account)
    {
        var sid = Sid(account);
        var policy = Open();
        try
        {
            IntPtr rights;
            uint count;
            var status = LsaEnumerateAccountRights(policy, sid, out rights, out count);
            if (status == NoSuchAccount) return false;
            Check(status);
            try
            {
                for (var index = 0; index < count; index++)
                {
                    var at = new IntPtr(rights.ToInt64() + index * Marshal.SizeOf(typeof(Text)));
                    var text = (Text)Marshal.PtrToStructure(at, typeof(Text));
                    if (Marshal.PtrToStringUni(text.Buffer, text.Length / 2) == Name) return true;
                }
                return false;
            }
            finally { LsaFreeMemory(rights); }
        }
        finally { LsaClose(policy); }
    }

    public static void Grant(string account)
    {
        var sid = Sid(account);
        var policy = Open();
        try { With(rights => Check(LsaAddAccountRights(policy, sid, rights, 1))); }
        finally { LsaClose(policy); }
    }

    public static void Take(string account)
    {
        var sid = Sid(account);
        var policy = Open();
        try { With(rights => Check(LsaRemoveAccountRights(policy, sid, false, rights, 1))); }
        finally { LsaClose(policy); }
    }
}
